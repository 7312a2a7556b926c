import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScoredConfigurations } from '../../../../dashboards/server/cache/scored-configurations.ts';
import { stream } from '../../../../models/random.ts';
import { meanOf } from '../../../../models/vectors.ts';

const [CONFIGURATIONS, SEEDS] = [7, 4];

interface Standing {
  readonly seeds: number;
  readonly mean: number;
}

/** The best of all configurations, by seeds and then mean, the first of equal ones; made anew. */
function bestOf(scores: readonly (readonly number[])[]): number {
  const isBetter = (a: Standing, b: Standing) => a.seeds > b.seeds || (a.seeds === b.seeds && a.mean > b.mean);
  const standing = (own: readonly number[]) => {
    const known = own.filter((score) => !Number.isNaN(score));
    return { seeds: known.length, mean: meanOf(known) };
  };
  return scores.reduce((best, own, configuration) => {
    if (standing(own).seeds === 0) return best;
    return best === -1 || isBetter(standing(own), standing(scores[best] ?? [])) ? configuration : best;
  }, -1);
}

test('the best configuration is that of all scores, whatever is set, changed and removed', () => {
  const { uniform } = stream(3, 'scores');
  for (let round = 0; round < 100; round++) {
    const scored = new ScoredConfigurations(CONFIGURATIONS, SEEDS);
    const scores = Array.from({ length: CONFIGURATIONS }, () => new Array<number>(SEEDS).fill(Number.NaN));
    for (let step = 0; step < 60; step++) {
      const changes = Math.floor(4 * uniform());
      for (let change = 0; change <= changes; change++) {
        const [configuration, seed] = [Math.floor(CONFIGURATIONS * uniform()), Math.floor(SEEDS * uniform())];
        // Tenths have ties, and sums that depend on their order.
        const score = uniform() < 0.3 ? Number.NaN : Math.floor(4 * uniform()) / 10;
        (scores[configuration] as number[])[seed] = score;
        scored.set(configuration, seed, score, -score);
      }
      scored.rank();
      const best = bestOf(scores);
      assert.equal(scored.best, best);
      assert.equal(scored.size, scores.filter((own) => own.some((score) => !Number.isNaN(score))).length);
      assert.deepEqual(
        scored.scoresOfBest().map(({ seed, validation, structure }) => [seed, validation, structure]),
        (scores[best] ?? []).flatMap((score, seed) => (Number.isNaN(score) ? [] : [[seed, score, -score]])),
      );
    }
  }
});
