/**
 * Warm starts: the weights of an earlier model as the start of a training on other data. The
 * difference in standardisation is folded into the first and the last layer, so that the network
 * starts as the same function of structures in physical units.
 *
 * A descriptor with standardised value z had (z s_new + m_new - m_old) / s_old before: a factor on
 * its weights, and a constant in the bias. Layer normalisation follows the bias and is unaffected.
 */
import { NarrowsError } from '../../errors.ts';
import type { Method } from '../methods/catalogue.ts';
import type { DenseLayer, LayerParameters, NetworkShape, Parameters } from '../networks/network.ts';
import { type AxisScaling, keptColumns, type Scaling } from '../scaling.ts';
import type { StoredModel } from '../stored/model-file.ts';
import { added, addScaled, dot, multiplied, rowsOf } from '../vectors.ts';

export interface WarmStart {
  readonly parameters: Parameters;
  /** Components in the target's standardisation, [r, D] orthonormal rows. */
  readonly components: Float32Array;
}

/** The network that the model is to start, and the standardisation of its data. */
export interface WarmTarget {
  readonly method: Method;
  readonly shape: NetworkShape;
  readonly scaling: Scaling;
}

/** Minimum length of a component's part that is orthogonal to the others: less is rounding. */
const DEPENDENT_BELOW = 1e-6;

/**
 * Returns parameters of the target's network that equal the model in physical units up to float32
 * rounding. A descriptor that was constant and varies now gets zero weights; one that no longer
 * varies becomes part of the bias. Throws NarrowsError `model-unfit` where the layers, the
 * descriptors or the targets differ.
 */
export function startFromModel(model: StoredModel, target: WarmTarget): WarmStart {
  requireSameNetwork(model, target);
  const inputs = inputsOf(model.scaling.x, target.scaling.x);
  const [first, ...rest] = model.parameters as readonly [LayerParameters, ...LayerParameters[]];
  const [{ bias }] = target.shape as readonly [DenseLayer];
  const { weights, constant } = foldFirstLayer(first, inputs);
  const started = bias
    ? [{ ...first, weights, bias: added(first.bias, constant) }, ...rest]
    : // Without a bias of its own, the constant passes through to the next layer's.
      [{ ...first, weights }, shiftInputs(rest[0] as LayerParameters, constant), ...rest.slice(1)];
  const last = foldLastLayer(started.at(-1) as LayerParameters, model.scaling.y, target.scaling.y);
  return { parameters: [...started.slice(0, -1), last], components: componentsOf(model.components, inputs) };
}

/** The model's standardised descriptors from the target's: z = factor z_target[from] + constant. */
interface Inputs {
  /** Number of the target's descriptors that vary. */
  readonly now: number;
  /** One for each of the model's; `from` null where it no longer varies. */
  readonly earlier: readonly { readonly from: number | null; readonly factor: number; readonly constant: number }[];
}

function inputsOf(model: AxisScaling, target: AxisScaling): Inputs {
  const varying = new Map(keptColumns(target).map((own, from) => [own.column, { ...own, from }]));
  const constants = new Map(target.constants.map(({ column, value }) => [column, value]));
  return {
    now: varying.size,
    earlier: keptColumns(model).map(({ column, mean, deviation }) => {
      const own = varying.get(column);
      if (own === undefined) return { from: null, factor: 0, constant: ((constants.get(column) ?? mean) - mean) / deviation };
      return { from: own.from, factor: own.deviation / deviation, constant: (own.mean - mean) / deviation };
    }),
  };
}

/** Returns the weights over the target's descriptors, and what the constants add to each output. */
function foldFirstLayer(
  { weights, bias }: LayerParameters,
  { now, earlier }: Inputs,
): { weights: Float32Array; constant: Float64Array } {
  const outputs = bias.length;
  const moved = new Float32Array(now * outputs);
  const sum = new Float64Array(outputs);
  for (const [i, { from, factor, constant }] of earlier.entries()) {
    const own = weights.subarray(i * outputs, (i + 1) * outputs);
    addScaled(sum, constant, own);
    if (from !== null) {
      moved.set(
        own.map((weight) => weight * factor),
        from * outputs,
      );
    }
  }
  return { weights: moved, constant: sum };
}

/** Returns the layer with a constant added to its inputs. */
function shiftInputs(layer: LayerParameters, constant: Float64Array): LayerParameters {
  const outputs = layer.bias.length;
  const sum = new Float64Array(outputs);
  for (const [i, value] of constant.entries()) addScaled(sum, value, layer.weights, i * outputs);
  return { ...layer, bias: added(layer.bias, sum) };
}

/** Returns the layer rescaled: y = z_model s_model + m_model = z_target s_target + m_target. */
function foldLastLayer(layer: LayerParameters, model: AxisScaling, target: AxisScaling): LayerParameters {
  const earlier = keptColumns(model);
  const maps = keptColumns(target).map(({ mean, deviation }, e) => {
    const own = earlier[e] as (typeof earlier)[number];
    return { factor: own.deviation / deviation, constant: (own.mean - mean) / deviation };
  });
  const factors = Float64Array.from(maps, ({ factor }) => factor);
  const weights = layer.weights.slice();
  for (let start = 0; start < weights.length; start += maps.length) {
    weights.set(multiplied(Float64Array.from(weights.subarray(start, start + maps.length)), factors), start);
  }
  const bias = Float32Array.from(maps, ({ factor, constant }, e) => (layer.bias[e] ?? 0) * factor + constant);
  return { ...layer, weights, bias };
}

/**
 * Returns the components in the target's coordinates: a score is a sum over descriptors, as a unit
 * of a first layer is, and folds as one. They are orthonormalised by Gram and Schmidt in their
 * order; linearly dependent ones are dropped.
 */
function componentsOf(components: Float32Array, { now, earlier }: Inputs): Float32Array {
  const rows: Float64Array[] = [];
  for (const component of rowsOf(components, earlier.length)) {
    const v = new Float64Array(now);
    for (const [i, { from, factor }] of earlier.entries()) if (from !== null) v[from] = (component[i] ?? 0) * factor;
    const length = Math.hypot(...v);
    // Twice, so that rounding leaves nothing.
    for (const row of [...rows, ...rows]) addScaled(v, -dot(row, v), row);
    const left = Math.hypot(...v);
    if (left > DEPENDENT_BELOW * length) rows.push(v.map((value) => value / left));
  }
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

function requireSameNetwork({ method, shape, scaling }: StoredModel, target: WarmTarget): void {
  const unfit = (what: string) => new NarrowsError('model-unfit', `the model cannot be started from: ${what}`, { path: 'warm' });
  if (method !== target.method) throw unfit(`its method is ${method}, the trial's ${target.method}`);
  const { x, y } = target.scaling;
  if (scaling.x.columns !== x.columns) throw unfit(`it takes ${scaling.x.columns} descriptors, the dataset has ${x.columns}`);
  if (scaling.y.columns !== y.columns) throw unfit(`it has ${scaling.y.columns} targets, the dataset has ${y.columns}`);
  const [theirs, ours] = [layersOf(shape), layersOf(target.shape)];
  if (theirs !== ours) throw unfit(`its layers are ${theirs}, the trial's ${ours}`);
}

/** Describes layers, apart from D and E: 'gelu 32 normalised, linear 2, ...'. */
function layersOf(shape: NetworkShape): string {
  return shape
    .slice(0, -1)
    .map(({ activation, outputs, bias, normalised }) =>
      [activation, outputs, ...(bias ? [] : ['without bias']), ...(normalised ? ['normalised'] : [])].join(' '),
    )
    .join(', ');
}
