/** Stored models: structures to spectra, latents and back, in physical units. */
import { NarrowsError } from '../../errors.ts';
import type { Matrix } from '../axes.ts';
import { describeRanks, METHOD_DEFINITIONS, type Method, PROJECTIONS, ranksOf } from '../methods/catalogue.ts';
import { basisOf, type Stage } from '../methods/method.ts';
import { expandRow, projectRow } from '../methods/projection.ts';
import { forward, jacobian } from '../networks/forward.ts';
import type { AxisScaling, Scaling } from '../scaling.ts';
import { standardize, unstandardize } from '../standardisation.ts';
import { addScaled, rowOf, rowsOf } from '../vectors.ts';
import { type Decoder, invert } from './inverse.ts';
import { type StoredModel, unpackModel } from './model-file.ts';

/** A trained model on matrices with a row per structure. Throws NarrowsError `columns-mismatch`. */
export interface Model {
  readonly method: Method;
  /** Width, or the rank that is used. */
  readonly k: number;
  /** Columns of X and of Y. */
  readonly descriptors: number;
  readonly targets: number;
  readonly scaling: Scaling;
  /** X [N, D] -> Y [N, E]. */
  predict(x: Matrix): Matrix;
  /** X [N, D] -> latents [N, k]. */
  encode(x: Matrix): Matrix;
  /** Latents [N, k] -> Y [N, E]. */
  decode(t: Matrix): Matrix;
  /** Latents [N, k] -> X [N, D]; NarrowsError `no-expansion` for EDNN. */
  expand(t: Matrix): Matrix;
  /** Y [N, E] -> X [N, D]: expands the latents that explain Y best; throws `no-expansion`. */
  reconstruct(y: Matrix): Matrix;
}

/**
 * Reads a model at width or rank k, the trained one by default; a fit of all ranks has the lower
 * ones too. Throws NarrowsError `model-damaged` and `k-not-in-model`.
 */
export function loadModel(bytes: Uint8Array, options: { k?: number } = {}): Model {
  const stored = unpackModel(bytes);
  const k = options.k ?? stored.k;
  if (!ranksOf(stored).includes(k)) {
    const message = `this ${stored.method} model has ${describeRanks(stored)}, not ${k}`;
    throw new NarrowsError('k-not-in-model', message, { path: 'k' });
  }
  return modelFrom(stored, k);
}

function modelFrom(stored: StoredModel, k: number): Model {
  const { method, scaling } = stored;
  const { encoder, decoder } = stagesOf(stored, k);
  const V = basisOf(encoder);
  const descriptors = scaling.x.columns;
  const targets = scaling.y.columns;
  const requireBasis = () => {
    if (V) return V;
    throw new NarrowsError('no-expansion', `${method} has no expansion: its encoder is not a projection`, {
      fix: `use a model of the method ${PROJECTIONS.join(' or ')}`,
    });
  };
  const physicalRows = (axis: AxisScaling, rows: Matrix, apply: (row: Float32Array) => ArrayLike<number>) =>
    unstandardize(mapRows(rows, axis.kept.length, apply), axis);
  return {
    method,
    k,
    descriptors,
    targets,
    scaling,
    predict(x) {
      requireColumns(x, descriptors, 'X');
      const both = [...encoder, ...decoder];
      return physicalRows(scaling.y, standardize(x, scaling.x), (row) => applyStages(both, row));
    },
    encode(x) {
      requireColumns(x, descriptors, 'X');
      return mapRows(standardize(x, scaling.x), k, (row) => applyStages(encoder, row));
    },
    decode(t) {
      requireColumns(t, k, 'the latents');
      return physicalRows(scaling.y, t, (row) => applyStages(decoder, row));
    },
    expand(t) {
      const basis = requireBasis();
      requireColumns(t, k, 'the latents');
      return physicalRows(scaling.x, t, (row) => expandRow(row, basis));
    },
    reconstruct(y) {
      const basis = requireBasis();
      requireColumns(y, targets, 'Y');
      const range = stored.latentRange.slice(0, k);
      const decode: Decoder = (t) => jacobianOfStages(decoder, t);
      return physicalRows(scaling.x, standardize(y, scaling.y), (row) => expandRow(invert(decode, row, range), basis));
    },
  };
}

/** Returns the stages of a stored model at a width or rank. */
export function stagesOf(stored: StoredModel, k: number): { encoder: readonly Stage[]; decoder: readonly Stage[] } {
  const definition = METHOD_DEFINITIONS[stored.method];
  return { encoder: definition.encoder(stored, k), decoder: definition.decoder(stored, k) };
}

/** Returns V [k, D] of a projection, orthonormal rows in standardised descriptors, or null. */
export const projectionOf = (stored: StoredModel, k: number): Float32Array | null => basisOf(stagesOf(stored, k).encoder);

function applyStages(stages: readonly Stage[], values: ArrayLike<number>): ArrayLike<number> {
  return stages.reduce((row, stage) => {
    if (stage.kind === 'layers') return forward(stage.shape, stage.parameters, row).at(-1) ?? row;
    return stage.kind === 'expand' ? expandRow(row, stage.basis) : projectRow(row, stage.basis);
  }, values);
}

/** Returns the output of a decoder at t, and its derivative along each latent. */
function jacobianOfStages([stage, ...rest]: readonly Stage[], t: Float64Array): ReturnType<Decoder> {
  if (stage?.kind === 'layers') return jacobian(stage.shape, stage.parameters, t);
  if (stage?.kind === 'expand') {
    return throughComponents(jacobianOfStages(rest, expandRow(t, stage.basis)), stage.basis, t.length);
  }
  throw new RangeError('a decoder consists of expansions and layers');
}

/** d f(tV) / d t_j = sum over d of V[j, d] d f / d x_d. */
function throughComponents({ output, derivatives }: ReturnType<Decoder>, V: Float32Array, k: number): ReturnType<Decoder> {
  const along = rowsOf(V, V.length / k).map((v) => {
    const sum = new Float64Array(output.length);
    for (const [d, derivative] of derivatives.entries()) addScaled(sum, v[d] as number, derivative);
    return sum;
  });
  return { output, derivatives: along };
}

/** A row of the result [N, columns] from each row of the values. */
export function mapRows(values: Matrix, columns: number, apply: (row: Float32Array) => ArrayLike<number>): Matrix {
  const data = new Float32Array(values.rows * columns);
  for (let row = 0; row < values.rows; row++) {
    data.set(apply(rowOf(values, row)), row * columns);
  }
  return { rows: values.rows, columns, data };
}

function requireColumns({ columns }: Matrix, wanted: number, what: string): void {
  if (columns === wanted) return;
  throw new NarrowsError('columns-mismatch', `${what} has ${columns} columns, the model needs ${wanted}`, { path: 'input' });
}
