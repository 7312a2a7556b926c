/** The one place, apart from assembly/index.ts, that knows how a network lies in the kernel's memory. */
import { ACTIVATION_DEFINITIONS } from '../../networks/activations.ts';
import type { NetworkShape, OptimiserName } from '../../networks/network.ts';

export const OPTIMISER_CODES: Record<OptimiserName, number> = { adam: 0, adamw: 1, sgd: 2 };

export const HEADER_WORDS = 22;
export const LAYER_WORDS = 15;

/** Rows of a mini-batch come in fours, columns in eights: two vectors, which the compiler may join into one of 256 bits. */
export const padRows = (n: number): number => (n + 3) & ~3;
export const padColumns = (n: number): number => (n + 7) & ~7;

/** One layer in floats: padded widths, and where its weights and bias lie among the parameters. */
export interface PlacedLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly paddedInputs: number;
  readonly paddedOutputs: number;
  readonly weights: number;
  readonly bias: number;
  readonly activation: number;
  readonly keepsDerivative: boolean;
  readonly hasBias: boolean;
  /** Offset of the gain, which the shift follows; null where the layer is not normalised. */
  readonly gain: number | null;
  readonly dropout: number;
}

export interface PlacedNetwork {
  readonly layers: readonly PlacedLayer[];
  /** Floats of all parameters, padding included. */
  readonly count: number;
  /** The widest padded layer, the input included. */
  readonly widest: number;
  /** Floats of the largest padded weight matrix. */
  readonly largest: number;
}

export function placeNetwork(shape: NetworkShape): PlacedNetwork {
  let count = 0;
  let widest = 0;
  let largest = 0;
  const layers = shape.map((layer, index) => {
    const before = shape[index - 1];
    if (before !== undefined && before.outputs !== layer.inputs) {
      throw new RangeError(`layer ${index} takes ${layer.inputs} inputs, the layer before it has ${before.outputs} outputs`);
    }
    const paddedInputs = padColumns(layer.inputs);
    const paddedOutputs = padColumns(layer.outputs);
    const weights = count;
    count += paddedInputs * paddedOutputs;
    const bias = count;
    count += paddedOutputs;
    const gain = layer.normalised ? count : null;
    if (gain !== null) count += 2 * paddedOutputs;
    const dropout = layer.dropout ?? 0;
    const { code, keepsDerivative } = ACTIVATION_DEFINITIONS[layer.activation].kernel;
    widest = Math.max(widest, paddedInputs, paddedOutputs);
    largest = Math.max(largest, paddedInputs * paddedOutputs);
    return {
      inputs: layer.inputs,
      outputs: layer.outputs,
      paddedInputs,
      paddedOutputs,
      weights,
      bias,
      activation: code,
      // Once units are dropped, an output no longer tells its slope.
      keepsDerivative: keepsDerivative || dropout > 0,
      hasBias: layer.bias,
      gain,
      dropout,
    };
  });
  if (layers.length === 0) throw new RangeError('a network needs at least one layer');
  return { layers, count, widest, largest };
}
