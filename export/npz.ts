/** A trial as an .npz archive: weights, standardisation, components and latents as named arrays. */
import { zipSync } from 'fflate';
import { type NpyArray, writeNpyArray } from '../datasets/formats/npy.ts';
import { SPLITS, type SplitName, type SplitRows } from '../models/axes.ts';
import type { LayerParameters } from '../models/networks/network.ts';
import type { AxisScaling } from '../models/scaling.ts';
import { projectionOf } from '../models/stored/model.ts';
import type { StoredModel } from '../models/stored/model-file.ts';

/** [rows, k] of one split, rows in the order of the split's. */
export interface LatentArray {
  readonly rows: number;
  readonly k: number;
  readonly data: Float32Array;
}

export interface TrialContent {
  /** Null where the weights were dropped. */
  readonly model: StoredModel | null;
  readonly latents: Readonly<Partial<Record<SplitName, LatentArray>>>;
  /** Row numbers of each split in the dataset's arrays. */
  readonly rows: SplitRows;
  /** All that is not an array, written as JSON. */
  readonly about: unknown;
}

/** Name of the member that holds `about`. */
const ABOUT = 'about.json';

/** The earliest time in zip: the same trial always gives the same bytes. */
const EARLIEST = new Date(1980, 0, 1);

export function trialArchive({ model, latents, rows, about }: TrialContent): Uint8Array {
  const arrays: Record<string, NpyArray> = model
    ? { ...layerArrays(model), ...scalingArrays(model), ...projectionArrays(model) }
    : {};
  for (const split of SPLITS) {
    const block = latents[split];
    if (!block) continue;
    arrays[`latents_${split}`] = { shape: [block.rows, block.k], data: block.data };
    arrays[`rows_${split}`] = { shape: [rows[split].length], data: rows[split] };
  }
  const members = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpyArray(array)] as const);
  const json = new TextEncoder().encode(`${JSON.stringify(about, null, 2)}\n`);
  // Stored, as numpy.savez does: weights hardly shrink.
  return zipSync({ ...Object.fromEntries(members), [ABOUT]: json }, { level: 0, mtime: EARLIEST });
}

/** layer_1_weights [inputs, outputs], layer_1_bias [outputs]; gain and shift if normalised. */
function layerArrays({ shape, parameters }: StoredModel): Record<string, NpyArray> {
  return Object.fromEntries(
    shape.flatMap(({ inputs, outputs }, at) => {
      const { weights, bias, gain, shift } = parameters[at] as LayerParameters;
      const named = (name: string) => `layer_${at + 1}_${name}`;
      const vectors = { bias, ...(gain && shift && { gain, shift }) };
      return [
        [named('weights'), { shape: [inputs, outputs], data: weights }],
        ...Object.entries(vectors).map(([name, data]) => [named(name), { shape: [outputs], data }]),
      ];
    }),
  );
}

function scalingArrays({ scaling }: StoredModel): Record<string, NpyArray> {
  return { ...axisArrays('x', scaling.x), ...axisArrays('y', scaling.y) };
}

/** z = (value[kept] - mean) / deviation; the constant columns come back as they were. */
function axisArrays(axis: string, { kept, mean, deviation, constants }: AxisScaling): Record<string, NpyArray> {
  const vector = (data: NpyArray['data']): NpyArray => ({ shape: [data.length], data });
  return {
    [`${axis}_kept`]: vector(kept),
    [`${axis}_mean`]: vector(mean),
    [`${axis}_deviation`]: vector(deviation),
    [`${axis}_constant_columns`]: vector(Uint32Array.from(constants, ({ column }) => column)),
    [`${axis}_constant_values`]: vector(Float64Array.from(constants, ({ value }) => value)),
  };
}

/** V [k, D] of projections, in standardised descriptors, and the training range of each latent. */
function projectionArrays(model: StoredModel): Record<string, NpyArray> {
  const V = projectionOf(model, model.k);
  const range = Float64Array.from(model.latentRange.flat());
  return {
    ...(V && { components: { shape: [model.k, V.length / model.k], data: V } }),
    latent_range: { shape: [model.latentRange.length, 2], data: range },
  };
}
