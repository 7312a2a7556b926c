/** Widths of a method that share their best points. */
import type { Observation, ProposalRequest } from './proposer.ts';
import type { Split } from './split.ts';

/** Own good points, each of weight 1, that those of all other widths count as together. */
const WEIGHT = 2;

/** Good points with their weights. */
export type Good = Pick<Split, 'good' | 'weights'>;

/**
 * Returns the good points of the other widths, of each width with the same total weight. Bad ones
 * are left out: a point that is bad at one width may be good at another, where nobody has tried it.
 */
export function goodOfSiblings(
  { siblings }: ProposalRequest,
  split: (observations: readonly Observation[]) => Split | null,
): Good {
  const splits = (siblings?.observations ?? []).flatMap((observations) => split(observations) ?? []);
  return {
    good: splits.flatMap(({ good }) => good),
    weights: Float64Array.from(
      splits.flatMap(({ weights }) => [...weights].map((weight) => (WEIGHT * weight) / (splits.length * weights.length))),
    ),
  };
}

/** Returns the request with the number of its draw: no two widths of a method draw the same. */
export const dealDraw = (request: ProposalRequest): ProposalRequest => {
  const { siblings, number } = request;
  return siblings === null ? request : { ...request, number: number * (siblings.observations.length + 1) + siblings.place };
};
