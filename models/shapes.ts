/** The networks of the three methods: EDNN and NNCA share a decoder and differ in the encoder alone. */
import type { TrialConfiguration } from './engine.ts';
import type { Activation, DenseLayer, NetworkShape } from './network.ts';

type Architecture = Pick<TrialConfiguration, 'hidden' | 'activation' | 'k'>;

const dense = (inputs: number, outputs: number, activation: Activation, bias = true): DenseLayer => ({
  inputs,
  outputs,
  activation,
  bias,
});

/** inputs -> hidden -> outputs, the last layer linear. */
function mlp(inputs: number, hidden: readonly number[], outputs: number, activation: Activation): DenseLayer[] {
  const widths = [inputs, ...hidden];
  return [
    ...hidden.map((width, i) => dense(widths[i] as number, width, activation)),
    dense(widths.at(-1) as number, outputs, 'linear'),
  ];
}

/** ECA's emulator, and the upper reference of every comparison: D -> hidden -> E. */
export function emulatorShape(D: number, E: number, { hidden, activation }: Architecture): NetworkShape {
  return mlp(D, hidden, E, activation);
}

/**
 * D -> hidden -> k -> mirrored hidden -> E. The bottleneck is linear: its units are coordinates, and a squashing activation there would only
 * bend their scale, which the decoder can do itself.
 */
export function ednnShape(D: number, E: number, { hidden, activation, k }: Architecture): NetworkShape {
  return [...mlp(D, hidden, k, activation), ...mlp(k, [...hidden].reverse(), E, activation)];
}

/** D -> k, linear and without bias: ECA's projection; then the decoder k -> hidden -> E. */
export function nncaShape(D: number, E: number, { hidden, activation, k }: Architecture): NetworkShape {
  return [dense(D, k, 'linear', false), ...mlp(k, hidden, E, activation)];
}

/** Number of the layer whose output is the latents. */
export const ednnLatentLayer = ({ hidden }: Architecture): number => hidden.length;
export const NNCA_LATENT_LAYER = 0;

/** Multiply-adds of one row through the network. */
export function multiplyAdds(shape: NetworkShape): number {
  return shape.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
}
