import type { Dimension, SweepSpec } from '../spec.ts';
import type { Sampler } from './sampler.ts';

/** Every combination: choices as they stand, ranges in `steps` even steps (even in the logarithm for `log`), both ends included. */
export function gridSampler(spec: SweepSpec, cells: number, steps: number): Sampler {
  const hidden = values(spec.space.hidden, steps);
  const activation = values(spec.space.activation, steps);
  const learningRate = values(spec.space.learningRate, steps);
  return {
    configurations: hidden.length * activation.length * learningRate.length * cells,
    // The learning rate turns fastest: neighbours share their shape, which engines that train equal shapes together like.
    pointAt: (point) => ({
      learningRate: digit(learningRate, point, 1),
      activation: digit(activation, point, learningRate.length),
      hidden: digit(hidden, point, learningRate.length * activation.length),
    }),
  };
}

function digit<T>(list: readonly T[], point: number, stride: number): T {
  return list[Math.floor(point / stride) % list.length] as T;
}

/** A range of one step is its middle (geometric for `log`). */
function values<T>(dimension: Dimension<T>, steps: number): readonly T[] {
  if (dimension.kind === 'constant') return [dimension.value];
  if (dimension.kind === 'choice') return dimension.values;
  const { kind, low, high } = dimension;
  return Array.from({ length: steps }, (_, i) => {
    const t = steps === 1 ? 0.5 : i / (steps - 1);
    // The ends are the spec's own numbers, free of rounding.
    if (t === 0) return low as T;
    if (t === 1) return high as T;
    return (kind === 'log' ? low * (high / low) ** t : low + (high - low) * t) as T;
  });
}
