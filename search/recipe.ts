/** Defaults of a spec that follow from its data: docs/decisions/0031-decay-by-rows.md. */
import type { DataSize } from '../models/methods/cost.ts';
import type { OptimiserName } from '../models/networks/network.ts';
import { valuesOf } from './parameters.ts';
import { completeSampler } from './samplers/table.ts';
import type { StatedSpec, SweepSpec } from './spec.ts';

/** The default optimiser: its decay is apart from the gradient. */
export const DEFAULT_OPTIMISER: OptimiserName = 'adamw';

/** Default decay times training rows. */
const DECAY_ROWS = 60;

/**
 * Returns the spec with the parameters that it leaves to the data, without `from`. Weights decay at
 * the same rate per epoch, so that the decay of a step is inverse to the number of rows (Wang and
 * Aitchison 2024, arXiv:2405.13698); where another optimiser may be used, whose decay is part of
 * the gradient, there is none. A search for widths that states no widest ends with the descriptors
 * that vary.
 */
export function completeSpec({ from: _, ...stated }: StatedSpec, { trainRows, ...columns }: DataSize): SweepSpec {
  const spec = { ...stated, sampler: completeSampler(stated.sampler, columns) };
  const { weightDecay, auto, k, ...others } = spec.space;
  const space = {
    k: auto?.isOpen ? k.filter((width) => width <= Math.max(1, columns.descriptors)) : k,
    ...(auto && { auto: { margin: auto.margin } }),
    ...others,
  };
  if (weightDecay !== undefined) return { ...spec, space: { ...space, weightDecay } };
  const listed = spec.sampler.kind === 'list' ? spec.sampler.points.flatMap(({ optimiser }) => optimiser ?? []) : [];
  const isDefault = [...valuesOf(space.optimiser), ...listed].every((optimiser) => optimiser === DEFAULT_OPTIMISER);
  const value = isDefault ? Number((DECAY_ROWS / trainRows).toPrecision(2)) : 0;
  return { ...spec, space: { ...space, weightDecay: { kind: 'constant', value } } };
}
