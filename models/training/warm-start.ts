/**
 * Weights of an earlier model as the start of a training on other data: another standardisation lies between the two, and is folded into the first and
 * the last layer, so that the network is at its start the same function of structures in physical units.
 *
 * A descriptor of standardised value z now had (z s_new + m_new - m_old) / s_old then: a factor on its weights, and a constant that goes into the
 * bias. A layer's normalisation comes after its bias, and sees no difference.
 */
import { NarrowsError } from '../../errors.ts';
import type { Method } from '../methods/catalogue.ts';
import type { DenseLayer, LayerParameters, NetworkShape, Parameters } from '../networks/network.ts';
import type { AxisScaling, Scaling } from '../scaling.ts';
import type { StoredModel } from '../stored/model-file.ts';

export interface WarmStart {
  readonly parameters: Parameters;
  /** ECA's components in the standardisation of now, [r, D] orthonormal rows, at most as many as the model's; empty for the other methods. */
  readonly components: Float32Array;
}

/** What the model is to start: a network of `shape` on data of this standardisation. */
export interface WarmTarget {
  readonly method: Method;
  readonly shape: NetworkShape;
  readonly scaling: Scaling;
}

/** Of a component of length 1, what must be left beside the others: less is rounding. */
const SPENT = 1e-6;

/**
 * The model's function as parameters of the target's network, equal to it in physical units up to float32 rounding. A descriptor that was constant and
 * varies now gets zero weights; one that varies no more is a constant of the bias. Throws NarrowsError `model-unfit` where the layers, the descriptors or the
 * targets are others.
 */
export function warmStart(model: StoredModel, target: WarmTarget): WarmStart {
  requireFit(model, target);
  const inputs = inputsThen(model.scaling.x, target.scaling.x);
  const [first, ...rest] = model.parameters as readonly [LayerParameters, ...LayerParameters[]];
  const [{ bias }, second] = target.shape as readonly [DenseLayer, DenseLayer];
  const { weights, constant } = firstLayer(first, inputs);
  const started = bias
    ? [{ ...first, weights, bias: plus(first.bias, constant) }, ...rest]
    : // Without a bias of its own, the constant passes through to the next layer's.
      [{ ...first, weights }, shifted(rest[0] as LayerParameters, second, constant), ...rest.slice(1)];
  const last = lastLayer(started.at(-1) as LayerParameters, model.scaling.y, target.scaling.y);
  return { parameters: [...started.slice(0, -1), last], components: componentsNow(model.components, inputs) };
}

/** The standardised descriptors of then in terms of those of now: z_then = factor z_now[from] + constant. */
interface Inputs {
  /** How many vary now. */
  readonly now: number;
  /** One for each that varied then; `from` null where it varies no more. */
  readonly earlier: readonly { readonly from: number | null; readonly factor: number; readonly constant: number }[];
}

function inputsThen(then: AxisScaling, now: AxisScaling): Inputs {
  const places = new Map([...now.kept].map((column, place) => [column, place]));
  const constants = new Map(now.constants.map(({ column, value }) => [column, value]));
  return {
    now: now.kept.length,
    earlier: Array.from(then.kept, (column, i) => {
      const mean = then.mean[i] as number;
      const deviation = then.deviation[i] as number;
      const from = places.get(column);
      if (from === undefined) {
        return { from: null, factor: 0, constant: ((constants.get(column) as number) - mean) / deviation };
      }
      return {
        from,
        factor: (now.deviation[from] as number) / deviation,
        constant: ((now.mean[from] as number) - mean) / deviation,
      };
    }),
  };
}

/** Weights over the descriptors of now, and what the constants add to each output. */
function firstLayer(
  { weights, bias }: LayerParameters,
  { now, earlier }: Inputs,
): { weights: Float32Array; constant: Float64Array } {
  const outputs = bias.length;
  const moved = new Float32Array(now * outputs);
  const sum = new Float64Array(outputs);
  earlier.forEach(({ from, factor, constant }, i) => {
    for (let j = 0; j < outputs; j++) {
      const weight = weights[i * outputs + j] as number;
      sum[j] = (sum[j] as number) + weight * constant;
      if (from !== null) moved[from * outputs + j] = weight * factor;
    }
  });
  return { weights: moved, constant: sum };
}

/** The layer with a constant added to its inputs. */
function shifted(layer: LayerParameters, { inputs, outputs }: DenseLayer, constant: Float64Array): LayerParameters {
  const added = new Float64Array(outputs);
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j < outputs; j++)
      added[j] = (added[j] as number) + (constant[i] as number) * (layer.weights[i * outputs + j] as number);
  }
  return { ...layer, bias: plus(layer.bias, added) };
}

/** y = z_then s_old + m_old is z_now s_new + m_new. */
function lastLayer(layer: LayerParameters, then: AxisScaling, now: AxisScaling): LayerParameters {
  const outputs = now.kept.length;
  const factor = Float64Array.from({ length: outputs }, (_, e) => (then.deviation[e] as number) / (now.deviation[e] as number));
  const constant = (e: number) => ((then.mean[e] as number) - (now.mean[e] as number)) / (now.deviation[e] as number);
  return {
    ...layer,
    weights: layer.weights.map((weight, i) => weight * (factor[i % outputs] as number)),
    bias: layer.bias.map((value, e) => value * (factor[e] as number) + constant(e)),
  };
}

/**
 * The directions that the scores were taken along, in the coordinates of now: a score is a sum over descriptors as a first layer's unit is, and folds
 * as one. Orthonormal again by Gram and Schmidt, in their order; what is nothing beside those before it falls out.
 */
function componentsNow(components: Float32Array, inputs: Inputs): Float32Array {
  const D = inputs.now;
  const D0 = inputs.earlier.length;
  const rows: Float64Array[] = [];
  for (let j = 0; j < components.length / D0; j++) {
    const v = new Float64Array(D);
    inputs.earlier.forEach(({ from, factor }, i) => {
      if (from !== null) v[from] = (components[j * D0 + i] as number) * factor;
    });
    const length = Math.hypot(...v);
    // Twice, so that rounding leaves nothing.
    for (const row of [...rows, ...rows]) {
      const along = row.reduce((sum, value, d) => sum + value * (v[d] as number), 0);
      for (let d = 0; d < D; d++) v[d] = (v[d] as number) - along * (row[d] as number);
    }
    const left = Math.hypot(...v);
    if (left > SPENT * length) rows.push(v.map((value) => value / left));
  }
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

function plus(values: Float32Array, added: Float64Array): Float32Array {
  return values.map((value, i) => value + (added[i] as number));
}

function requireFit({ method, shape, scaling }: StoredModel, target: WarmTarget): void {
  const unfit = (what: string) => new NarrowsError('model-unfit', `the model cannot be started from: ${what}`, { path: 'warm' });
  if (method !== target.method) throw unfit(`it is of ${method}, the trial of ${target.method}`);
  const { x, y } = target.scaling;
  if (scaling.x.columns !== x.columns) throw unfit(`it takes ${scaling.x.columns} descriptors, the dataset has ${x.columns}`);
  if (scaling.y.columns !== y.columns) throw unfit(`it has ${scaling.y.columns} targets, the dataset has ${y.columns}`);
  const [theirs, ours] = [layersOf(shape), layersOf(target.shape)];
  if (theirs !== ours) throw unfit(`its layers are ${theirs}, the trial's ${ours}`);
}

/** 'gelu 32 normalised, linear 2, ...': what weights of a layer mean, apart from the numbers of descriptors and targets. */
function layersOf(shape: NetworkShape): string {
  return shape
    .slice(0, -1)
    .map(({ activation, outputs, bias, normalised }) =>
      [activation, outputs, ...(bias ? [] : ['without bias']), ...(normalised ? ['normalised'] : [])].join(' '),
    )
    .join(', ');
}
