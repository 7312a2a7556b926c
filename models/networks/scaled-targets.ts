/**
 * Networks trained on scaled targets, and scored on the targets themselves. The last layer is
 * linear, so that scales of the targets can be folded into it and out again.
 */
import type { LayerParameters, Network, Parameters } from './network.ts';

/** Returns parameters whose outputs are those of the given ones times the scales, [E]. */
export const scaleOutputs = (parameters: Parameters, scales: Float64Array): Parameters =>
  mapOutputs(parameters, (value, j) => value * (scales[j] as number));

/** Returns parameters whose outputs are those of the given ones divided by the scales, [E]. */
export const unscaleOutputs = (parameters: Parameters, scales: Float64Array): Parameters =>
  mapOutputs(parameters, (value, j) => value / (scales[j] as number));

/** Maps the weights and the bias of the last layer, by output. */
function mapOutputs(parameters: Parameters, map: (value: number, output: number) => number): Parameters {
  const last = parameters.at(-1) as LayerParameters;
  const weights = last.weights.map((value, i) => map(value, i % last.bias.length));
  return [...parameters.slice(0, -1), { ...last, weights, bias: last.bias.map(map) }];
}

/**
 * Returns the network with the parameters of `trainer`, which is trained on targets times `scales`
 * [E]; `scorer`, of the same shape on the targets themselves, computes all errors but those of
 * training steps. Disposing of it disposes of both.
 */
export function scoreUnscaled<Trainer extends Network>(trainer: Trainer, scorer: Network, scales: Float64Array): Trainer {
  let isCurrent = false;
  /** Marks the scorer's parameters as outdated by a change of the trainer's. */
  const changing =
    <Args extends unknown[], T>(change: (...args: Args) => T) =>
    (...args: Args): T => {
      isCurrent = false;
      return change(...args);
    };
  const current = (): Network => {
    if (!isCurrent) scorer.setParameters(unscaleOutputs(trainer.parameters(), scales));
    isCurrent = true;
    return scorer;
  };
  return {
    ...trainer,
    setParameters: changing(trainer.setParameters),
    train: changing(trainer.train),
    squaredErrors: (rows, inputs) => current().squaredErrors(rows, inputs),
    evaluate: (rows, layer) => current().evaluate(rows, layer),
    inputGradient: (inputs, rows) => current().inputGradient(inputs, rows),
    dispose() {
      trainer.dispose();
      scorer.dispose();
    },
  };
}
