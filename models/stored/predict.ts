/** Stored models at work: structures to spectra, latents and back, all in physical units. float64 inside. */
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../axes.ts';
import type { Method } from '../methods/catalogue.ts';
import { expandRow, projectRow } from '../methods/projection.ts';
import { forward, jacobian } from '../networks/forward.ts';
import type { NetworkShape, Parameters } from '../networks/network.ts';
import { standardize, unstandardize } from '../scaling-fit.ts';
import { type Decoder, invert } from './inverse.ts';
import { type StoredModel, unpackModel } from './model-file.ts';

/** A trained model. Matrices have one row per structure; a wrong number of columns is a NarrowsError `columns-mismatch`. */
export interface Model {
  readonly method: Method;
  /** Width, or the rank that is used. */
  readonly k: number;
  /** Columns of X and of Y. */
  readonly descriptors: number;
  readonly targets: number;
  /** X [N, D] -> Y [N, E]. */
  predict(x: Matrix): Matrix;
  /** X [N, D] -> latents [N, k]. */
  encode(x: Matrix): Matrix;
  /** Latents [N, k] -> Y [N, E]. */
  decode(t: Matrix): Matrix;
  /** Latents [N, k] -> X [N, D]; NarrowsError `no-expansion` for EDNN. */
  expand(t: Matrix): Matrix;
  /** Y [N, E] -> X [N, D]: the expansion of the latents that explain the spectrum best; NarrowsError `no-expansion` for EDNN. */
  reconstruct(y: Matrix): Matrix;
}

/** Reads a model. `k`: for ECA a rank up to the fitted one (the default); for the other methods only the trained width. */
export function loadModel(bytes: Uint8Array, options: { k?: number } = {}): Model {
  const stored = unpackModel(bytes);
  const k = options.k ?? stored.k;
  const fits = stored.method === 'eca' ? Number.isInteger(k) && k >= 1 && k <= stored.k : k === stored.k;
  if (!fits) {
    const has = stored.method === 'eca' ? `ranks 1 to ${stored.k}` : `k = ${stored.k}`;
    throw new NarrowsError('k-not-in-model', `this ${stored.method} model has ${has}, not ${k}`, { path: 'k' });
  }
  return build(stored, k);
}

/** How a method turns a standardised structure into latents and spectra. */
interface Parts {
  encode(x: Float32Array): Float64Array;
  decode(t: Float32Array): Float64Array;
  predict(x: Float32Array): Float64Array;
  /** null where there is no way back. */
  readonly linear: { readonly V: Float32Array; readonly decoder: Decoder } | null;
}

function build(stored: StoredModel, k: number): Model {
  const { method, scaling } = stored;
  const parts = partsOf(stored, k);
  const descriptors = scaling.x.columns;
  const targets = scaling.y.columns;
  const back = () => {
    if (parts.linear) return parts.linear;
    throw new NarrowsError('no-expansion', `${method} has no expansion: its encoder is not a projection`, {
      fix: 'use a model of the method eca or nnca',
    });
  };
  return {
    method,
    k,
    descriptors,
    targets,
    predict(x) {
      requireColumns(x, descriptors, 'X');
      return unstandardize(mapRows(standardize(x, scaling.x), scaling.y.kept.length, parts.predict), scaling.y);
    },
    encode(x) {
      requireColumns(x, descriptors, 'X');
      return mapRows(standardize(x, scaling.x), k, parts.encode);
    },
    decode(t) {
      requireColumns(t, k, 'the latents');
      return unstandardize(mapRows(t, scaling.y.kept.length, parts.decode), scaling.y);
    },
    expand(t) {
      const { V } = back();
      requireColumns(t, k, 'the latents');
      return unstandardize(
        mapRows(t, scaling.x.kept.length, (row) => expandRow(row, V)),
        scaling.x,
      );
    },
    reconstruct(y) {
      const { V, decoder } = back();
      requireColumns(y, targets, 'Y');
      const range = stored.latentRange.slice(0, k);
      return unstandardize(
        mapRows(standardize(y, scaling.y), scaling.x.kept.length, (row) => expandRow(invert(decoder, row, range), V)),
        scaling.x,
      );
    },
  };
}

/** The orthonormal rows V [k, D] that the latents are scores of, in standardised descriptors; null for EDNN, whose encoder is no projection. */
export function projectionOf({ method, shape, parameters, components }: StoredModel, k: number): Float32Array | null {
  switch (method) {
    case 'ednn':
      return null;
    case 'nnca': {
      const W = (parameters[0] as Parameters[number]).weights;
      const D = W.length / k;
      return Float32Array.from({ length: W.length }, (_, i) => W[(i % D) * k + Math.floor(i / D)] as number);
    }
    case 'eca':
      return components.subarray(0, k * (shape[0] as NetworkShape[number]).inputs);
  }
}

/** Number of the layer whose output is EDNN's latents: encoder and decoder mirror each other, and the bottleneck ends the first half. */
export const bottleneckOf = (shape: NetworkShape): number => shape.length / 2 - 1;

function partsOf(stored: StoredModel, k: number): Parts {
  const { method, shape, parameters } = stored;
  const last = (outputs: Float64Array[]) => outputs.at(-1) as Float64Array;
  switch (method) {
    case 'ednn': {
      const bottleneck = bottleneckOf(shape);
      return {
        predict: (x) => last(forward(shape, parameters, x)),
        encode: (x) => forward(shape, parameters, x)[bottleneck] as Float64Array,
        decode: (t) => last(forward(shape.slice(bottleneck + 1), parameters.slice(bottleneck + 1), t)),
        linear: null,
      };
    }
    case 'nnca': {
      const V = projectionOf(stored, k) as Float32Array;
      return {
        predict: (x) => last(forward(shape, parameters, x)),
        encode: (x) => projectRow(x, V),
        decode: (t) => last(forward(shape.slice(1), parameters.slice(1), t)),
        linear: { V, decoder: (t) => jacobian(shape.slice(1), parameters.slice(1), t) },
      };
    }
    case 'eca': {
      const V = projectionOf(stored, k) as Float32Array;
      return {
        predict: (x) => last(forward(shape, parameters, expandRow(projectRow(x, V), V))),
        encode: (x) => projectRow(x, V),
        decode: (t) => last(forward(shape, parameters, expandRow(t, V))),
        linear: { V, decoder: (t) => throughComponents(jacobian(shape, parameters, expandRow(t, V)), V, k) },
      };
    }
  }
}

/** d f(tV) / d t_j = sum over d of V[j, d] d f / d x_d. */
function throughComponents({ output, derivatives }: ReturnType<Decoder>, V: Float32Array, k: number): ReturnType<Decoder> {
  const D = V.length / k;
  const along = Array.from({ length: k }, (_, j) => {
    const sum = new Float64Array(output.length);
    for (let d = 0; d < D; d++) {
      const weight = V[j * D + d] as number;
      const derivative = derivatives[d] as Float64Array;
      for (let e = 0; e < sum.length; e++) sum[e] = (sum[e] as number) + weight * (derivative[e] as number);
    }
    return sum;
  });
  return { output, derivatives: along };
}

/** A row of the result [N, columns] from each row of the values. */
export function mapRows(values: Matrix, columns: number, apply: (row: Float32Array) => ArrayLike<number>): Matrix {
  const data = new Float32Array(values.rows * columns);
  for (let row = 0; row < values.rows; row++) {
    data.set(apply(values.data.subarray(row * values.columns, (row + 1) * values.columns)), row * columns);
  }
  return { rows: values.rows, columns, data };
}

function requireColumns({ columns }: Matrix, wanted: number, what: string): void {
  if (columns === wanted) return;
  throw new NarrowsError('columns-mismatch', `${what} has ${columns} columns, the model needs ${wanted}`, { path: 'input' });
}
