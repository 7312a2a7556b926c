/** Stacked layers as operations on tensors: forward, backward, and a step of the optimiser. */
import type { Tensor } from '@tensorflow/tfjs';
import { ACTIVATION_DEFINITIONS, type DerivativeOperations } from '../../networks/activations.ts';
import { NORM_EPSILON } from '../../networks/forward.ts';
import type { DenseLayer, Optimiser } from '../../networks/network.ts';
import type { Tf } from './load.ts';

const PARTS = ['weights', 'bias', 'gain', 'shift'] as const;

/** A value per part of each layer; gain and shift only where the layer is normalised. */
export type PerPart<T> = { readonly weights: T; readonly bias: T; readonly gain?: T; readonly shift?: T }[];

/** Parameters or their gradient: weights [K, inputs, outputs], the others [K, 1, outputs]. */
export type LayerTensors = PerPart<Tensor>;

/** Everything that a step changes: the parameters and the two moments of the optimiser. */
export type State = Record<'parameters' | 'first' | 'second', LayerTensors>;

/** Units of a layer: 1 for those that a member has [K, 1, outputs], their numbers [K, 1, 1]. */
export type Units = Record<'mask' | 'count', Tensor>;

/** Networks that pass together. */
export interface Stack {
  readonly tf: Tf;
  readonly operations: DerivativeOperations<Tensor>;
  readonly layers: readonly DenseLayer[];
  units(l: number): Units;
  /** Factors of dropout on the outputs [K, rows, outputs] of a layer; null: none. */
  kept(l: number, shape: readonly number[]): Tensor | null;
}

/** Intermediate values of the forward pass that the backward pass needs. */
export interface Passed {
  readonly input: Tensor;
  readonly preactivation: Tensor;
  readonly output: Tensor;
  readonly norm: { readonly normalised: Tensor; readonly inverse: Tensor } | null;
  readonly kept: Tensor | null;
}

export function mapParts<T, U>(layers: PerPart<T>, change: (value: T, l: number, part: (typeof PARTS)[number]) => U): PerPart<U> {
  return layers.map((layer, l) => {
    const parts = PARTS.filter((part) => part in layer);
    return Object.fromEntries(parts.map((part) => [part, change(layer[part] as T, l, part)]));
  }) as unknown as PerPart<U>;
}

/** Runs x [K, rows, inputs] through the layers. */
export function forward({ tf, operations, layers, units, kept: keep }: Stack, parameters: LayerTensors, x: Tensor): Passed[] {
  const passed: Passed[] = [];
  let a = x;
  layers.forEach(({ activation }, l) => {
    const { weights, bias, gain, shift } = parameters[l] as LayerTensors[number];
    const input = a;
    let z: Tensor = tf.add(tf.matMul(input, weights), bias);
    let norm: Passed['norm'] = null;
    if (gain && shift) {
      const { mask, count } = units(l);
      const centred = tf.mul(tf.sub(z, tf.div(tf.sum(z, 2, true), count)), mask);
      const inverse = tf.rsqrt(tf.add(tf.div(tf.sum(tf.square(centred), 2, true), count), NORM_EPSILON));
      norm = { normalised: tf.mul(centred, inverse), inverse };
      z = tf.add(tf.mul(norm.normalised, gain), shift);
    }
    const kept = keep(l, z.shape);
    const value = ACTIVATION_DEFINITIONS[activation].apply(operations, z);
    a = kept ? tf.mul(value, kept) : value;
    passed.push({ input, preactivation: z, output: a, norm, kept });
  });
  return passed;
}

export const outputOf = (passed: readonly Passed[]): Tensor => (passed.at(-1) as Passed).output;

/** Walks back from d loss / d output to the gradient of the parameters, or else of the input. */
export function backward(
  { tf, operations, layers, units }: Stack,
  parameters: LayerTensors,
  passed: readonly Passed[],
  deltaAtOutput: Tensor,
  wanted: 'parameters' | 'input',
): { gradient: LayerTensors; input: Tensor } {
  const gradient: LayerTensors = [];
  let delta = deltaAtOutput;
  for (let l = layers.length - 1; l >= 0; l--) {
    const { activation, bias: hasBias } = layers[l] as DenseLayer;
    const { weights, bias, gain } = parameters[l] as LayerTensors[number];
    const { input, preactivation, norm, kept } = passed[l] as Passed;
    if (kept) delta = tf.mul(delta, kept);
    if (activation !== 'linear') delta = tf.mul(delta, ACTIVATION_DEFINITIONS[activation].derive(operations, preactivation));
    const atShift = delta;
    if (norm && gain) {
      const { mask, count } = units(l);
      const scaled = tf.mul(delta, gain);
      const mean = tf.div(tf.sum(scaled, 2, true), count);
      const along = tf.div(tf.sum(tf.mul(scaled, norm.normalised), 2, true), count);
      delta = tf.mul(tf.mul(tf.sub(tf.sub(scaled, mean), tf.mul(norm.normalised, along)), norm.inverse), mask);
    }
    if (wanted === 'parameters') {
      gradient.unshift({
        weights: tf.matMul(input, delta, true, false),
        bias: hasBias ? tf.sum(delta, 1, true) : tf.zerosLike(bias),
        ...(norm && { gain: tf.sum(tf.mul(atShift, norm.normalised), 1, true), shift: tf.sum(atShift, 1, true) }),
      });
    }
    if (l > 0 || wanted === 'input') delta = tf.matMul(delta, weights, false, true);
  }
  return { gradient, input: delta };
}

/** The step of one member; `step` counts from 1. */
interface Step {
  readonly optimiser: Optimiser;
  readonly step: number;
  readonly rate: number;
}

/** Takes a step of members that agree in their optimisers but for decay and momentum. */
export function update(tf: Tf, { parameters, first, second }: State, gradient: LayerTensors, members: readonly Step[]): State {
  const { name, beta1, beta2, epsilon } = (members[0] as Step).optimiser;
  const column = (of: (member: Step) => number) => tf.tensor(members.map(of), [members.length, 1, 1], 'float32');
  const rate = column((member) => member.rate);
  const alpha = column((member) => member.rate / (1 - beta1 ** member.step));
  const root = column(({ step }) => 1 / Math.sqrt(1 - beta2 ** step));
  const momentum = column(({ optimiser }) => optimiser.beta1);
  const decay = column(({ optimiser }) => optimiser.weightDecay);
  const shrink = column((member) => 1 - member.rate * member.optimiser.weightDecay);
  const decaying = members.some(({ optimiser }) => optimiser.weightDecay > 0);
  const stepped = mapParts(parameters, (theta, l, part): Record<keyof State, Tensor> => {
    const [m, v, slope] = [first, second, gradient].map((layers) => layers[l]?.[part]) as [Tensor, Tensor, Tensor];
    const decays = decaying && part === 'weights';
    const g = decays && name !== 'adamw' ? tf.add(slope, tf.mul(theta, decay)) : slope;
    if (name === 'sgd') {
      const velocity = tf.add(tf.mul(m, momentum), g);
      return { parameters: tf.sub(theta, tf.mul(velocity, rate)), first: velocity, second: tf.clone(v) };
    }
    const mean = tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1));
    const square = tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2));
    const step = tf.div(tf.mul(mean, alpha), tf.add(tf.mul(tf.sqrt(square), root), epsilon));
    const shrunk = decays && name === 'adamw' ? tf.mul(theta, shrink) : theta;
    return { parameters: tf.sub(shrunk, step), first: mean, second: square };
  });
  return {
    parameters: mapParts(stepped, (tensors) => tensors.parameters),
    first: mapParts(stepped, (tensors) => tensors.first),
    second: mapParts(stepped, (tensors) => tensors.second),
  };
}

/** Activations and their derivatives as operations on tensors. */
export const tensorOperations = (tf: Tf): DerivativeOperations<Tensor> => ({
  constant: (_, value) => tf.scalar(value),
  add: (a, b) => tf.add(a, b),
  subtract: (a, b) => tf.sub(a, b),
  multiply: (a, b) => tf.mul(a, b),
  relu: (z) => tf.relu(z),
  elu: (z) => tf.elu(z),
  tanh: (z) => tf.tanh(z),
  sigmoid: (z) => tf.sigmoid(z),
  exp: (z) => tf.exp(z),
  negativePart: (z) => tf.minimum(z, 0),
  step: (z) => tf.cast(tf.greater(z, 0), 'float32'),
});
