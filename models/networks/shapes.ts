/** The networks of the three methods: EDNN and NNCA share a decoder and differ in the encoder alone. */
import type { TrialConfiguration } from '../training/configuration.ts';
import type { Activation, DenseLayer, NetworkShape } from './network.ts';

type Architecture = Pick<TrialConfiguration, 'hidden' | 'activation' | 'k' | 'layerNorm' | 'dropout'>;

const dense = (inputs: number, outputs: number, activation: Activation, bias = true): DenseLayer => ({
  inputs,
  outputs,
  activation,
  bias,
});

/** inputs -> hidden -> outputs, the last layer linear; hidden layers are normalised and dropped out of as the architecture says. */
function mlp(
  inputs: number,
  hidden: readonly number[],
  outputs: number,
  { activation, layerNorm, dropout }: Pick<Architecture, 'activation' | 'layerNorm' | 'dropout'>,
): DenseLayer[] {
  const widths = [inputs, ...hidden];
  return [
    ...hidden.map((width, i) => ({
      ...dense(widths[i] as number, width, activation),
      ...(layerNorm && { normalised: true }),
      ...(dropout > 0 && { dropout }),
    })),
    dense(widths.at(-1) as number, outputs, 'linear'),
  ];
}

/** ECA's emulator, and the upper reference of every comparison: D -> hidden -> E. */
export function emulatorShape(D: number, E: number, architecture: Architecture): NetworkShape {
  return mlp(D, architecture.hidden, E, architecture);
}

/**
 * D -> hidden -> k -> mirrored hidden -> E. The bottleneck is linear: its units are coordinates, and a squashing activation there would only
 * bend their scale, which the decoder can do itself.
 */
export function ednnShape(D: number, E: number, architecture: Architecture): NetworkShape {
  const { hidden, k } = architecture;
  return [...mlp(D, hidden, k, architecture), ...mlp(k, [...hidden].reverse(), E, architecture)];
}

/** D -> k, linear and without bias: ECA's projection; then the decoder k -> hidden -> E. */
export function nncaShape(D: number, E: number, architecture: Architecture): NetworkShape {
  const { hidden, k } = architecture;
  return [dense(D, k, 'linear', false), ...mlp(k, hidden, E, architecture)];
}

/** Number of the layer whose output is the latents. */
export const ednnLatentLayer = ({ hidden }: Pick<Architecture, 'hidden'>): number => hidden.length;
export const NNCA_LATENT_LAYER = 0;

/** Multiply-adds of one row through the network. */
export function multiplyAdds(shape: NetworkShape): number {
  return shape.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
}
