import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ScoreTable } from '../../../../dashboards/server/cache/score-table.ts';
import type { ScoreColumns } from '../../../../db/queries/trials/scores.ts';
import { type ComparedTrial, chooseConfigurations } from '../../../../models/evaluation/comparison.ts';
import { METHOD_DEFINITIONS, ranksOf } from '../../../../models/methods/catalogue.ts';
import { stream } from '../../../../models/random.ts';
import { meanOf } from '../../../../models/vectors.ts';
import { previewTrials, trialCount, trialId } from '../../../../search/space.ts';
import { smallSpec } from '../seed-sweeps.ts';

const ID = 'sfold';
const spec = smallSpec({ split: { repeats: 2 }, seeds: 3, sampler: { random: { trials: 90 } } });
const trials = previewTrials(
  spec,
  Array.from({ length: trialCount(spec) }, (_, index) => index),
);

assert.deepEqual(new Set(trials.map(({ partition }) => partition)), new Set([0, 1]));

/** Scores of a trial by width or rank, and of its emulator; null: it has not completed. */
interface Result {
  readonly scores: ReadonlyMap<number, { readonly validation: number; readonly structure: number }>;
  readonly emulator: number | null;
}

/** The rows of some trials as the database sends them. */
function columnsOf(results: ReadonlyMap<number, Result | null>, revision: number): ScoreColumns {
  const found = [...results].flatMap(([index, result]) => (result ? [{ index, ...result }] : []));
  const scores = found.flatMap((one) => [...one.scores].map(([k, score]) => ({ index: one.index, k, ...score })));
  const emulators = found.flatMap(({ index, emulator }) => (emulator === null ? [] : [{ index, validation: emulator }]));
  return {
    revision,
    written: Int32Array.from(results.keys()),
    scores: {
      index: Int32Array.from(scores, ({ index }) => index),
      k: Int32Array.from(scores, ({ k }) => k),
      validation: Float64Array.from(scores, ({ validation }) => validation),
      structure: Float64Array.from(scores, ({ structure }) => structure),
    },
    emulators: {
      index: Int32Array.from(emulators, ({ index }) => index),
      validation: Float64Array.from(emulators, ({ validation }) => validation),
    },
  };
}

const draw = stream(11, 'results');
const tenths = () => Math.floor(5 * draw.uniform()) / 10;

/** Rung, failed, pruned and diverged trials have no scores; some widths have none either. */
function drawResult(index: number): Result | null {
  const { method, k } = trials[index]?.configuration ?? { method: 'ednn', k: 1 };
  if (draw.uniform() < 0.35) return null;
  const { isProjection, trainsEmulator } = METHOD_DEFINITIONS[method];
  const ranks = ranksOf({ method, k }).filter(() => draw.uniform() < 0.9);
  return {
    scores: new Map(ranks.map((rank) => [rank, { validation: tenths(), structure: isProjection ? tenths() : Number.NaN }])),
    emulator: trainsEmulator && draw.uniform() < 0.9 ? tenths() : null,
  };
}

/** Chooses as a comparison would, from all results in the order of the trials. */
function chooseAnew(results: ReadonlyMap<number, Result | null>) {
  const rows = [...results.keys()]
    .sort((a, b) => a - b)
    .flatMap((index) => {
      const { configuration, ...trial } = trials[index] as (typeof trials)[number];
      return [...(results.get(index)?.scores ?? [])].map(
        ([k, { validation, structure }]): ComparedTrial => ({
          ...{ method: configuration.method, k, validation, test: validation },
          ...{ trialId: trialId(ID, index), sweepId: ID, seed: trial.seed, partition: trial.partition },
          ...{ configurationHash: trial.configurationHash, structureTest: Number.isNaN(structure) ? null : structure },
        }),
      );
    });
  return [0, 1].flatMap((partition) => {
    const own = rows.filter((row) => row.partition === partition);
    return chooseConfigurations(own).flatMap(({ method, k, trials: chosen }) => {
      const cell = own.filter((row) => row.method === method && row.k === k);
      const configurations = new Set(cell.map(({ configurationHash }) => configurationHash)).size;
      return chosen.map(({ test: _, structureTest, ...row }) => ({ ...row, structureValidation: structureTest, configurations }));
    });
  });
}

/** Chooses the architecture of each partition by seeds, then mean; the first of equal ones. */
function chooseEmulators(results: ReadonlyMap<number, Result | null>) {
  return [0, 1].flatMap((partition) => {
    const own = trials
      .filter((trial) => trial.partition === partition)
      .flatMap(({ index, seed, configurationHash }) => {
        const validation = results.get(index)?.emulator ?? null;
        return validation === null ? [] : [{ seed, partition, configurationHash, validation }];
      });
    const architectures = [...Map.groupBy(own, ({ configurationHash }) => configurationHash).values()];
    const mean = (same: typeof own) => meanOf(same.map(({ validation }) => validation));
    return architectures.length === 0
      ? []
      : architectures.reduce((a, b) => ((b.length - a.length || mean(b) - mean(a)) > 0 ? b : a));
  });
}

const byKey = <T extends { method: string; k: number; trialId: string }>(rows: readonly T[]) =>
  rows.toSorted((a, b) => `${a.method} ${a.k} ${a.trialId}`.localeCompare(`${b.method} ${b.k} ${b.trialId}`));

test('scores that come in any order, change and go lead to what a comparison of all rows chooses', () => {
  for (let sweep = 0; sweep < 15; sweep++) {
    const table = new ScoreTable(ID, spec);
    const known = new Map<number, Result | null>();
    for (let revision = 1; revision <= 40; revision++) {
      const written = new Map<number, Result | null>();
      for (let i = Math.floor(8 * draw.uniform()); i >= 0; i--) {
        const index = Math.floor(trials.length * draw.uniform());
        written.set(index, drawResult(index));
      }
      for (const [index, result] of written) known.set(index, result);
      table.merge(columnsOf(written, revision), revision);
      assert.equal(table.revision, revision);
      assert.deepEqual(byKey(table.chosen()), byKey(chooseAnew(known)));
      assert.deepEqual(table.emulators(), chooseEmulators(known));
      // A restart reads all rows at once.
      const anew = new ScoreTable(ID, spec);
      anew.merge(columnsOf(known, revision), revision);
      assert.deepEqual(table.chosen(), anew.chosen());
      assert.deepEqual(table.emulators(), anew.emulators());
    }
  }
});
