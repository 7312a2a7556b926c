/**
 * Restarts: some starts are trained for a short while, and the one that is best on validation is
 * trained to the end. A direction that a projection settles on early decides where it ends.
 */
import { initialParameters, zeroParameters } from '../networks/initial.ts';
import type { NetworkShape, Parameters } from '../networks/network.ts';
import { restartEpochs, type TrialConfiguration } from './configuration.ts';
import type { Computation } from './network-calls.ts';
import type { PackData } from './task.ts';
import { initialTrainingState, type TrainingHooks, trainNetwork } from './train-network.ts';

/**
 * Returns the parameters that a training begins with: those drawn at `seed`, or with restarts the
 * best on validation after a short training of each start; starts that diverge are left out.
 * Deterministic in (shape, data, configuration, seed). Throws Stopped.
 */
export function* chooseStart(
  shape: NetworkShape,
  data: PackData,
  configuration: TrialConfiguration,
  seed: number,
  hooks: Omit<TrainingHooks, 'checkpoint'>,
): Computation<Parameters> {
  const { restarts = 1, epochs } = configuration;
  const drawn = initialParameters(shape, seed);
  if (restarts === 1) return drawn;
  const short = { ...configuration, epochs: restartEpochs(epochs), patience: 0 };
  let best = { parameters: drawn, validation: Number.NEGATIVE_INFINITY };
  for (let start = 0; start < restarts; start++) {
    const state = initialTrainingState(start === 0 ? drawn : initialParameters(shape, seed, start), zeroParameters(shape));
    const end = yield* trainNetwork(shape, data, short, seed, short.epochs, state, {
      ...hooks,
      progress: (_, validation) => hooks.progress(0, validation),
      checkpoint: () => {},
    });
    if (end.kind !== 'diverged' && end.state.best.validation > best.validation) best = end.state.best;
  }
  return best.parameters;
}
