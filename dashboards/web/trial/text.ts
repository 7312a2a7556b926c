/** Names and sentences of a trial, and the command that reproduces it. */
import { describeRanks, ranksOf } from '../../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import type { TrialDetail } from '../../contract/trials.ts';

export const trialName = ({ method, config, index }: Pick<TrialDetail, 'method' | 'config' | 'index'>): string =>
  `Trial ${index}: ${METHOD_STYLES[method].label}, ${describeRanks({ method, k: config.k })}`;

/** The rank asked for in an address, where the trial has it; its highest otherwise. */
export function chooseRank({ method, config }: Pick<TrialDetail, 'method' | 'config'>, asked: string | undefined): number {
  const ranks = ranksOf({ method, k: config.k });
  const wanted = Number(asked);
  return ranks.includes(wanted) ? wanted : (ranks.at(-1) as number);
}

/** Returns an option for each rank of a trial. */
export const rankOptions = ({ method, config }: Pick<TrialDetail, 'method' | 'config'>) =>
  ranksOf({ method, k: config.k }).map((rank) => ({ value: String(rank), label: `k = ${rank}` }));

/** Explains why a completed trial has no latents, and how to get them. */
export function explainMissingLatents({ trialId, hasModel }: Pick<TrialDetail, 'trialId' | 'hasModel'>): string {
  const encode = hasModel ? `"narrows encode --trial ${trialId}" computes them of any structures. ` : '';
  return `Its latents were not kept: its sweep keeps those of its best trials or of none. ${encode}Train it again from the spec below for those of all rows: it ends with the same bits.`;
}

/** Explains why a trial has no weights, and what remains. */
export function explainMissingWeights({ outcome, rung }: Pick<TrialDetail, 'outcome' | 'rung'>): string {
  const remains = 'What remains are its figures, its learning curve and how to train it again.';
  const ruin = 'What remains is its learning curve, as far as it came, and how to train it again.';
  switch (outcome) {
    case 'failed':
      return `It failed, and has no weights. ${ruin}`;
    case 'diverged':
      return `It diverged, and its weights are useless. ${ruin}`;
    case 'pruned':
      return `It was stopped after rung ${rung}, and only trials that ran to their end may keep weights. ${remains}`;
    case 'rung':
      return `It waits between rungs; weights are kept when it has run to its end. ${remains}`;
    case 'completed':
      return `Its weights were not kept: a sweep keeps those of its best trials. ${remains} Train it again to look into it: with the same seed it ends with the same bits.`;
  }
}

export const specFileName = ({ sweepName, index }: Pick<TrialDetail, 'sweepName' | 'index'>): string =>
  `${sweepName.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}-trial-${index}.yaml`;

/** Returns a shell command that writes the spec to a file and starts it. */
export function reproduceCommand(trial: Pick<TrialDetail, 'sweepName' | 'index' | 'reproduce'>): string {
  const file = specFileName(trial);
  const spec = trial.reproduce.endsWith('\n') ? trial.reproduce : `${trial.reproduce}\n`;
  return `cat > ${file} <<'END_OF_SPEC'\n${spec}END_OF_SPEC\nnarrows sweep start ${file}\n`;
}
