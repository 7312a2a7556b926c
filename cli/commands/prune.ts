import { type Command, InvalidArgumentError } from 'commander';
import { type StorageSession, withStorage } from '../../infra/sessions.ts';
import { type LatentsPlan, planLatents, removeLatents } from '../../operations/lifecycle/latents.ts';
import { planPrune, type RemovalPlan, type SweepChoice } from '../../operations/lifecycle/sweeps.ts';
import { FINISHED_STATES, type FinishedState } from '../../search/states.ts';
import { countOf, formatBytes } from '../../text/format.ts';
import { addCommand, option, parseAge } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { describeSpace, REMOVAL_OPTIONS, type RemovalOptions, removeChosen } from '../removal.ts';

interface PruneInputs extends RemovalOptions {
  readonly olderThan?: number;
  readonly state?: readonly FinishedState[];
  readonly name?: string;
  readonly latents?: LatentsPlan['keep'];
}

export function register(program: Command): void {
  addCommand<PruneInputs>(program, {
    name: 'prune',
    options: [
      option('--older-than <time>', 'sweeps that ended longer ago than this: 30d', { parse: parseAge }),
      option('--state <states>', `sweeps in one of these states: ${FINISHED_STATES.join(',')}`, { parse: parseStates }),
      option('--name <pattern>', 'sweeps of such a name: "test-*"; ? is any character'),
      option('--latents <keep>', 'instead of the sweeps, their latents: keep those of trials with weights, or none', {
        choices: ['best', 'none'],
      }),
      ...REMOVAL_OPTIONS,
    ],
    description: 'Remove finished sweeps by age, state or name; what something needs is kept.',
    examples: [
      'narrows prune --older-than 30d --dry-run',
      'narrows prune --state failed,cancelled --yes',
      'narrows prune --latents best --yes',
    ],
    run: (context, inputs) =>
      withStorage(context, async (storage) =>
        inputs.latents
          ? pruneLatents(context, storage, await planLatents(storage.db, choiceOf(inputs), inputs.latents), inputs)
          : removeChosen(context, storage, await planOf(storage.db, inputs), inputs),
      ),
  });
}

/** Reads 'failed,cancelled'. */
function parseStates(text: string): FinishedState[] {
  const states = text.split(',').map((one) => one.trim());
  const known = (state: string): state is FinishedState => (FINISHED_STATES as readonly string[]).includes(state);
  const unknown = states.find((state) => !known(state));
  if (unknown === undefined) return states.filter(known);
  throw new InvalidArgumentError(`"${unknown}" is not a state of finished sweeps. Use ${FINISHED_STATES.join(', ')}.`);
}

const choiceOf = ({ olderThan, state, name }: PruneInputs): SweepChoice => ({
  ...{ olderThanSeconds: olderThan ?? null, states: state ?? FINISHED_STATES, name: name ?? null },
});

/** Without a choice no sweep goes: only what earlier removals left is cleared away. */
async function planOf(db: StorageSession['db'], inputs: PruneInputs): Promise<RemovalPlan> {
  const { olderThan, state, name } = inputs;
  if (olderThan === undefined && state === undefined && name === undefined) return { sweeps: [], kept: [] };
  return planPrune(db, choiceOf(inputs));
}

async function pruneLatents(
  context: CliContext,
  { db }: StorageSession,
  plan: LatentsPlan,
  { yes = false, dryRun = false, compact = false }: PruneInputs,
): Promise<number> {
  const totalOf = ({ sweeps }: LatentsPlan) => ({
    trials: sweeps.reduce((sum, one) => sum + one.trials, 0),
    bytes: sweeps.reduce((sum, one) => sum + one.bytes, 0),
  });
  const describe = ({ trials, bytes }: ReturnType<typeof totalOf>) =>
    `latents of ${countOf(trials, 'trial')}, ${formatBytes(bytes)}`;
  const planned = totalOf(plan);
  if (dryRun) {
    context.print({ removed: false, ...plan, ...planned }, () => `would remove ${describe(planned)}`);
    return EXIT.ok;
  }
  if (!yes && planned.trials > 0 && !(await confirm(context, `Remove ${describe(planned)}?`))) return EXIT.ok;
  const removed = await removeLatents(db, plan, { compact });
  const total = totalOf(removed);
  context.print({ removed: true, ...removed, ...total }, () => `removed ${describe(total)}\n${describeSpace(removed.space)}`);
  return EXIT.ok;
}
