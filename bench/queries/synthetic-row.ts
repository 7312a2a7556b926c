/**
 * How a trial of a great sweep ended, without the days of training: made up from its parameters,
 * the same whenever it is asked for.
 */
import { stream } from '../../models/random.ts';
import { type Trial, trialId } from '../../search/space.ts';

/** As the table of trials has it, but for when and by what it was trained. */
export function syntheticRow(sweepId: string, trial: Trial) {
  const luck = stream(7, 'luck', trial.index).uniform();
  const outcome = luck < 0.9 ? 'completed' : luck < 0.96 ? 'pruned' : luck < 0.99 ? 'diverged' : 'failed';
  const { method, k } = trial.configuration;
  return {
    id: trialId(sweepId, trial.index),
    index: trial.index,
    method,
    k,
    cell: trial.cell,
    configuration: trial.configuration,
    configuration_hash: trial.configurationHash,
    seed: trial.seed,
    outcome,
    validation: outcome === 'completed' ? validationOf(trial) : outcome === 'pruned' ? 0.4 * luck : null,
    failure_code: outcome === 'failed' ? 'EngineLost' : null,
    message: outcome === 'failed' || outcome === 'diverged' ? 'the loss is no number' : null,
    epochs: outcome === 'completed' ? 40 : 10,
    seconds: 1 + 3 * luck,
  };
}

/** More width helps, a learning rate near 0.01 helps, dropout hurts; the rest is noise. */
function validationOf({ index, configuration }: Trial): number {
  const { method, k, learningRate, dropout } = configuration;
  const passes = 1 - Math.exp(-(method === 'ednn' ? 1.8 : method === 'nnca' ? 1.4 : 1.3) * k);
  const rate = 0.05 * (Math.log10(learningRate) + 2) ** 2;
  return passes - rate - 0.2 * dropout + 0.01 * stream(7, 'noise', index).normal();
}
