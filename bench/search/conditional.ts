import { stream } from '../../models/random.ts';
import type { Dimensions } from '../../search/parameters.ts';
import { minimising } from './problem.ts';

const OPTIMISERS = ['adam', 'adamw', 'sgd'] as const;

const SPACE: Dimensions = {
  learningRate: { kind: 'log', low: 1e-4, high: 1 },
  weightDecay: { kind: 'log', low: 1e-6, high: 1 },
  optimiser: { kind: 'choice', values: OPTIMISERS },
  momentum: { kind: 'uniform', low: 0, high: 0.99 },
  schedule: { kind: 'choice', values: ['constant', 'cosine', 'one-cycle'] },
  warmUp: { kind: 'uniform', low: 0, high: 0.8 },
  dropout: { kind: 'uniform', low: 0, high: 0.5 },
  layerNorm: { kind: 'constant', value: false },
  activation: { kind: 'constant', value: 'gelu' },
  patience: { kind: 'constant', value: 0 },
  batch: { kind: 'constant', value: 32 },
  hidden: { kind: 'constant', value: [32] },
};

/**
 * A space in which parameters exist only where others have certain values: the best rate of sgd is
 * higher the less momentum it has, that of the others is not, and high rates diverge without a
 * warm-up. Which optimiser and schedule are best depends on the seed.
 */
export const conditional = minimising({
  ...{ name: 'conditional', space: SPACE },
  createLoss(seed) {
    const { uniform } = stream(seed, 'conditional problem');
    const best = {
      rate: -2.5 + uniform(),
      decay: -3 + 2 * uniform(),
      momentum: 0.5 + 0.4 * uniform(),
      warmUp: 0.1 + 0.4 * uniform(),
      dropout: 0.2 * uniform(),
    };
    const optimisers = OPTIMISERS.map(() => 0.1 * uniform());
    const schedules = { constant: 0.06 + 0.06 * uniform(), cosine: 0.08 * uniform(), 'one-cycle': 0.06 * uniform() };
    const least = Math.min(...optimisers) + Math.min(...Object.values(schedules));
    return ({ learningRate, weightDecay, optimiser, momentum = 0, schedule, warmUp = 0, dropout }) => {
      const isSgd = optimiser === 'sgd';
      // Steps of sgd add up to 1 / (1 - momentum) of them.
      const rate = Math.log10(learningRate) - (isSgd ? 1 + Math.log10(1 - momentum) - Math.log10(1 - best.momentum) : 0);
      if (rate > -0.8 + warmUp) return null;
      return (
        0.12 * (rate - best.rate) ** 2 +
        0.02 * (Math.log10(weightDecay) - best.decay) ** 2 +
        0.8 * (dropout - best.dropout) ** 2 +
        (optimisers[OPTIMISERS.indexOf(optimiser)] as number) +
        (isSgd ? 0.6 * (momentum - best.momentum) ** 2 : 0) +
        schedules[schedule as keyof typeof schedules] +
        (schedule === 'one-cycle' ? 0.6 * (warmUp - best.warmUp) ** 2 : 0) -
        least
      );
    };
  },
});
