import type { Dimensions, Point } from '../../../search/parameters.ts';
import type { MeasureCosts, Observation, ProposalRequest } from '../../../search/proposers/proposer.ts';

/** A space of constants; `changes` replace dimensions. */
export const spaceOf = (changes: Partial<Dimensions>): Dimensions => ({
  learningRate: { kind: 'constant', value: 0.01 },
  weightDecay: { kind: 'constant', value: 0 },
  optimiser: { kind: 'constant', value: 'adam' },
  schedule: { kind: 'constant', value: 'constant' },
  dropout: { kind: 'constant', value: 0 },
  layerNorm: { kind: 'constant', value: false },
  activation: { kind: 'constant', value: 'gelu' },
  patience: { kind: 'constant', value: 0 },
  batch: { kind: 'constant', value: 32 },
  hidden: { kind: 'constant', value: [8] },
  ...changes,
});

/** Ranges, whole numbers, names, numbers and layers. */
export const MIXED = spaceOf({
  learningRate: { kind: 'log', low: 1e-4, high: 1e-1 },
  dropout: { kind: 'uniform', low: 0, high: 0.5 },
  weightDecay: { kind: 'choice', values: [0, 0.01, 0.1] },
  batch: { kind: 'log', low: 8, high: 24, whole: true },
  activation: { kind: 'choice', values: ['gelu', 'tanh', 'elu'] },
  hidden: { kind: 'choice', values: [[8], [64], [8, 8], [64, 16], [64, 64, 64]] },
});

/** Parameters that exist only where others have certain values. */
export const CONDITIONAL = spaceOf({
  learningRate: { kind: 'log', low: 1e-4, high: 1e-1 },
  optimiser: { kind: 'choice', values: ['adam', 'sgd', 'adamw'] },
  momentum: { kind: 'uniform', low: 0, high: 0.95 },
  schedule: { kind: 'choice', values: ['cosine', 'one-cycle'] },
  warmUp: { kind: 'choice', values: [0.1, 0.2, 0.4] },
});

export const requestOf = (space: Dimensions, changes: Partial<ProposalRequest> = {}): ProposalRequest => {
  const { observations = [], pending = [] } = changes;
  const number = observations.length + pending.length;
  return { space, observations, pending, seed: 1, cell: 'ednn/2', number, siblings: null, ...changes };
};

/** Returns the observations of points proposed one at a time, with scores and costs. */
export function observe(
  count: number,
  propose: (observations: readonly Observation[]) => Point,
  score: (point: Point) => number | null,
  measureCosts?: MeasureCosts,
) {
  const observations: Observation[] = [];
  while (observations.length < count) {
    const point = propose(observations);
    observations.push({ point, score: score(point), ...(measureCosts && { costs: measureCosts(point) }) });
  }
  return observations;
}
