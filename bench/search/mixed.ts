import { stream } from '../../models/random.ts';
import { type Dimensions, type Point, valuesOf } from '../../search/parameters.ts';
import { createCosts, referenceOf } from './costs.ts';
import { minimising, weighing } from './problem.ts';

const [DEPTHS, WIDTHS] = [
  [1, 2, 3, 4],
  [16, 32, 64, 128, 256],
] as const;
const ACTIVATIONS = ['gelu', 'elu', 'tanh', 'relu'] as const;

const SPACE: Dimensions = {
  learningRate: { kind: 'log', low: 1e-4, high: 1 },
  weightDecay: { kind: 'log', low: 1e-6, high: 1 },
  optimiser: { kind: 'choice', values: ['adam', 'adamw'] },
  schedule: { kind: 'choice', values: ['constant', 'one-cycle'] },
  dropout: { kind: 'uniform', low: 0, high: 0.5 },
  layerNorm: { kind: 'choice', values: [false, true] },
  activation: { kind: 'choice', values: ACTIVATIONS },
  patience: { kind: 'uniform', low: 0, high: 20, whole: true },
  batch: { kind: 'log', low: 8, high: 512, whole: true },
  hidden: { kind: 'choice', values: DEPTHS.flatMap((depth) => WIDTHS.map((width) => Array<number>(depth).fill(width))) },
};

/** Batch and patience of the best points. */
const [BATCH, PATIENCE] = [40, 8];

/**
 * A space like that of a sweep, of ranges, whole numbers, layers and names: the best rate depends
 * on batch and normalisation, only one optimiser heeds the decay, and high rates diverge.
 */
function createLoss(seed: number) {
  const { uniform } = stream(seed, 'mixed problem');
  const best = {
    rate: -2.5 + uniform(),
    decay: -3 + 2 * uniform(),
    dropout: 0.2 * uniform(),
    depth: 2 + uniform(),
    width: 5 + 2 * uniform(),
  };
  const activations = ACTIVATIONS.map(() => 0.05 * uniform());
  const layers = (depth: number, width: number): number =>
    0.04 * (depth - best.depth) ** 2 + 0.02 * (Math.log2(width) - best.width + 0.5 * (depth - best.depth)) ** 2;
  const least = Math.min(...activations) + Math.min(...DEPTHS.flatMap((depth) => WIDTHS.map((width) => layers(depth, width))));
  return {
    /** The best point of an architecture. */
    bestOf: (hidden: readonly number[]): Point => ({
      learningRate: 10 ** best.rate,
      weightDecay: 10 ** best.decay,
      ...{ optimiser: 'adamw', schedule: 'one-cycle', start: 'scratch' },
      ...{ dropout: best.dropout, layerNorm: false, patience: PATIENCE, batch: BATCH, hidden },
      activation: ACTIVATIONS[activations.indexOf(Math.min(...activations))] as (typeof ACTIVATIONS)[number],
    }),
    lossOf({ learningRate, weightDecay, optimiser, schedule, dropout, layerNorm, activation, patience, batch, hidden }: Point) {
      const rate = Math.log10(learningRate) - 0.5 * Math.log10(batch / BATCH) - (layerNorm ? 0.3 : 0);
      if (rate > -0.6) return null;
      return (
        0.12 * (rate - best.rate) ** 2 +
        (optimiser === 'adamw' ? 0.02 * (Math.log10(weightDecay) - best.decay) ** 2 : 0.03) +
        (schedule === 'one-cycle' ? 0 : 0.04) +
        0.8 * (dropout - best.dropout) ** 2 +
        (activations[ACTIVATIONS.indexOf(activation as (typeof ACTIVATIONS)[number])] as number) +
        0.0005 * (patience - PATIENCE) ** 2 +
        0.01 * Math.abs(Math.log2(batch / BATCH)) +
        layers(hidden.length, hidden[0] as number) -
        least
      );
    },
  };
}

export const mixed = minimising({ name: 'mixed', space: SPACE, createLoss: (seed) => createLoss(seed).lossOf });

/** The same loss against the size of the network. */
export const mixedFront = weighing({
  name: 'mixed front',
  space: SPACE,
  createFront(seed) {
    const { lossOf, bestOf } = createLoss(seed);
    const costOf = createCosts({ descriptors: 10, energies: 100 });
    const lossesOf = (point: Point) => {
      const loss = lossOf(point);
      return loss === null ? null : [loss, costOf(point)];
    };
    const front = valuesOf(SPACE.hidden).flatMap((hidden) => [lossesOf(bestOf(hidden)) ?? []]);
    return { lossesOf, front, reference: [1, referenceOf(front.map(([, cost]) => cost as number))] };
  },
});
