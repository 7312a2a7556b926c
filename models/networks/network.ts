import type { Matrix } from '../axes.ts';
import type { Activation } from './activations.ts';

/**
 * x -> activation(x W + b), W [inputs, outputs]; where `normalised`, x -> activation(g (z - mean) /
 * deviation + s), z = x W + b, with mean and deviation over the layer's units (layer normalisation,
 * Ba, Kiros and Hinton 2016, arXiv 1607.06450; the bias inside keeps the scale of a narrow
 * bottleneck, which would be normalised away without it). In training a share `dropout` of the
 * outputs is set to zero, the others grow by 1 / (1 - dropout) (Srivastava et al. 2014); see
 * dropout.ts.
 */
export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: Activation;
  readonly bias: boolean;
  readonly normalised?: boolean;
  /** Below 1; left out: none. */
  readonly dropout?: number;
}

/** Layers in order of application; each layer's inputs equal the outputs of the one before. */
export type NetworkShape = readonly DenseLayer[];

/**
 * Weights of one layer: W row-major [inputs, outputs], b [outputs] (zeros where the layer has no
 * bias), g and s [outputs] where it is normalised.
 */
export interface LayerParameters {
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly gain?: Float32Array;
  readonly shift?: Float32Array;
}

export type Parameters = readonly LayerParameters[];

/** State of the optimiser: two moments per parameter (sgd: velocity and zero), and steps taken. */
export interface OptimiserState {
  readonly step: number;
  readonly first: Parameters;
  readonly second: Parameters;
}

export const OPTIMISERS = ['adam', 'adamw', 'sgd'] as const;
export type OptimiserName = (typeof OPTIMISERS)[number];

/**
 * adam: Kingma and Ba 2015, arXiv 1412.6980, bias-corrected moments, epsilon outside the root;
 * weightDecay is added to the gradient. adamw: decay apart from the gradient (Loshchilov and Hutter
 * 2019, arXiv 1711.05101). sgd: velocity = beta1 velocity + gradient + weightDecay theta, theta -=
 * rate velocity. Weights decay, biases, gains and shifts do not.
 */
export interface Optimiser {
  readonly name: OptimiserName;
  /** sgd: the momentum. */
  readonly beta1: number;
  /** Unused by sgd. */
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** How a network is trained, apart from the learning rates. */
export interface NetworkTraining {
  /** Rows of a mini-batch. */
  readonly batch: number;
  readonly optimiser: Optimiser;
  /** Addresses the dropout. */
  readonly seed: number;
  /** Factors of the targets in training, [E]; absent: 1. */
  readonly targetScales?: Float64Array;
}

/** Standardised data that networks are trained on; one copy, shared by every thread. */
export interface TrainingData {
  /** [N, D], after scaling, constant columns dropped. On a SharedArrayBuffer. */
  readonly x: Matrix;
  /** [N, E], after scaling. On a SharedArrayBuffer. */
  readonly y: Matrix;
}

/**
 * One feed-forward network in training on one thread. The loss is the mean squared error over rows
 * and outputs, 1/(B E) sum (yhat - y)^2. With target scales s, it is trained on s y, so that its
 * parameters are those of a network for s y; all but `train` compares yhat / s with y. Two
 * implementations check each other: the fused kernel (float32) and the reference (float64).
 */
export interface Network {
  readonly shape: NetworkShape;
  /** Copies in; the optimiser state is unchanged. */
  setParameters(parameters: Parameters): void;
  /** Copies out. */
  parameters(): Parameters;
  setOptimiserState(moments: OptimiserState): void;
  optimiserState(): OptimiserState;
  /**
   * Steps of the optimiser over consecutive mini-batches of `order` (row numbers): batch i holds
   * order[i*B .. i*B+B), the last one may be shorter. Runs batches first .. first + rates.length,
   * batch first + i at learning rate rates[i]. Returns the sum of squared errors along the way
   * (each batch before its step; of s y with target scales), NaN or infinite where it diverged.
   */
  train(order: Uint32Array, first: number, rates: Float64Array): number;
  /**
   * Returns the sum over outputs of (yhat - y)^2 of each row, in float64, [rows.length]. Feeds
   * inputs [n, D], where given, in place of the rows' own x.
   */
  squaredErrors(rows: Uint32Array, inputs?: Float32Array): Float64Array;
  /**
   * Returns the squared errors of the rows, and the outputs of layer `layer` (0 = first) for them,
   * [rows.length, outputs].
   */
  evaluate(rows: Uint32Array, layer: number): { readonly errors: Float64Array; readonly activations: Float32Array };
  /**
   * Feeds inputs [n, D] in place of the rows' own x and compares with the rows' y. Returns the loss
   * 1/(n E) sum (yhat - y)^2 and d loss / d inputs [n, D]; n may exceed the batch size. Parameters
   * stay.
   */
  inputGradient(inputs: Float32Array, rows: Uint32Array): { readonly loss: number; readonly gradient: Float32Array };
  /** Frees the network's memory; it must not be used afterwards. */
  dispose(): void;
}

/** Makes networks that train on one data set in the calling thread. */
export interface NetworkRuntime {
  readonly data: TrainingData;
  createNetwork(shape: NetworkShape, training: NetworkTraining): Network;
}
