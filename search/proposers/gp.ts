import { stream } from '../../models/random.ts';
import { axesOf, decodePoint, encodePoint } from './axes.ts';
import { createKnown, drawFresh } from './fresh.ts';
import { findBest } from './gp/candidates.ts';
import { createEmbedding } from './gp/embedding.ts';
import { fitHyperparameters, type Sample } from './gp/hyperparameters.ts';
import { createPosterior } from './gp/posterior.ts';
import { standardiseScores } from './gp/scores.ts';
import type { Proposer, SearchSettings } from './proposer.ts';
import { thin } from './thin.ts';

/** Observations that length scales and noise are fitted to: the time grows with their cube. */
const MOST_FITTED = 100;
/** Observations, and pending points, that predictions follow from. */
const [MOST_OBSERVED, MOST_PENDING] = [256, 100] as const;
/** Best points, near which better ones are looked for. */
const CENTRES = 5;

/**
 * Bayesian optimisation with a Gaussian process: proposes the point with the largest logarithm of
 * expected improvement (Ament et al. 2023, arXiv 2310.20708). Points that have not ended count as
 * observed with their mean (Ginsbourger, Le Riche and Carraro 2010, kriging believer), so that
 * those in training at the same time differ. Measured in docs/decisions/0059-gaussian-process.md.
 */
export const gp: Proposer<SearchSettings> = {
  propose({ startup }, request) {
    const { space, observations, pending, seed, cell, number } = request;
    const scores = number < startup ? null : standardiseScores(observations);
    if (scores === null) return drawFresh(request);
    const axes = axesOf(space);
    const embedding = createEmbedding(axes);
    const points = observations.map(({ point }) => encodePoint(axes, point));
    const best = [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
    const sampleOf = (most: number): Sample => {
      const chosen = choose(best, most);
      return {
        rows: chosen.map((i) => embedding.embed(points[i] as Float64Array)),
        scores: Float64Array.from(chosen, (i) => scores[i] as number),
      };
    };
    const others = thin(pending, MOST_PENDING).map((point) => embedding.embed(encodePoint(axes, point)));
    const hyperparameters = fitHyperparameters(embedding, sampleOf(MOST_FITTED));
    const posterior = createPosterior(embedding, sampleOf(MOST_OBSERVED), others, hyperparameters);
    const isKnown = createKnown(request);
    const found = findBest(
      { axes, embedding, lengths: hyperparameters.lengths, posterior },
      best.slice(0, CENTRES).map((i) => points[i] as Float64Array),
      stream(seed, `gp ${cell}`, number),
      (coordinates) => !isKnown(decodePoint(space, axes, coordinates)),
    );
    return found === null ? drawFresh(request) : decodePoint(space, axes, found);
  },
};

/** Returns at most `most` positions, rising: half of them the first, the others evenly spaced. */
function choose(best: readonly number[], most: number): readonly number[] {
  const first = best.slice(0, Math.floor(most / 2));
  const rest = best.slice(first.length).sort((a, b) => a - b);
  return [...first, ...thin(rest, most - first.length)].sort((a, b) => a - b);
}
