/** Multilayer perceptrons of a given architecture, which the networks of all methods consist of. */
import type { Activation } from './activations.ts';
import type { DenseLayer, NetworkShape } from './network.ts';

/** The parameters of a trial that decide the layers of its network. */
export interface Architecture {
  /** Bottleneck width; the highest rank where one fit covers all ranks. */
  readonly k: number;
  /** Widths of the hidden layers of an emulator or decoder; an encoder mirrors them. */
  readonly hidden: readonly number[];
  readonly activation: Activation;
  /** Layer normalisation of the hidden layers. */
  readonly layerNorm: boolean;
  /** Share of the hidden units that is dropped in training. */
  readonly dropout: number;
}

export const denseLayer = (inputs: number, outputs: number, activation: Activation, bias = true): DenseLayer => ({
  inputs,
  outputs,
  activation,
  bias,
});

/** Returns inputs -> hidden -> outputs; hidden layers as the architecture says, the last linear. */
export function perceptron(
  inputs: number,
  hidden: readonly number[],
  outputs: number,
  { activation, layerNorm, dropout }: Pick<Architecture, 'activation' | 'layerNorm' | 'dropout'>,
): DenseLayer[] {
  const widths = [inputs, ...hidden];
  return [
    ...hidden.map((width, i) => ({
      ...denseLayer(widths[i] as number, width, activation),
      ...(layerNorm && { normalised: true }),
      ...(dropout > 0 && { dropout }),
    })),
    denseLayer(widths.at(-1) as number, outputs, 'linear'),
  ];
}

/** Returns the multiply-adds of one row through the network. */
export function multiplyAdds(shape: NetworkShape): number {
  return shape.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
}
