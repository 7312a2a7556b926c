import { type Command, InvalidArgumentError } from 'commander';
import { type StorageSession, withStorage } from '../../infra/sessions.ts';
import { planPrune, type RemovalPlan } from '../../operations/lifecycle/sweeps.ts';
import { FINISHED_STATES, type FinishedState } from '../../search/states.ts';
import { addCommand, option, parseDuration } from '../command.ts';
import { REMOVAL_OPTIONS, type RemovalOptions, removeChosen } from '../removal.ts';

interface PruneInputs extends RemovalOptions {
  readonly olderThan?: number;
  readonly state?: readonly FinishedState[];
  readonly name?: string;
}

export function register(program: Command): void {
  addCommand<PruneInputs>(program, {
    name: 'prune',
    options: [
      option('--older-than <time>', 'sweeps that ended longer ago than this: 30d', { parse: parseDuration }),
      option('--state <states>', `sweeps in one of these states: ${FINISHED_STATES.join(',')}`, { parse: parseStates }),
      option('--name <pattern>', 'sweeps of such a name: "test-*"; ? is any character'),
      ...REMOVAL_OPTIONS,
    ],
    description: 'Remove finished sweeps by age, state or name; what something needs is kept.',
    examples: ['narrows prune --older-than 30d --dry-run', 'narrows prune --state failed,cancelled --yes'],
    run: (context, inputs) =>
      withStorage(context, async (storage) => removeChosen(context, storage, await planOf(storage.db, inputs), inputs)),
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

/** Without a choice no sweep goes: only what earlier removals left is cleared away. */
async function planOf(db: StorageSession['db'], { olderThan, state, name }: PruneInputs): Promise<RemovalPlan> {
  if (olderThan === undefined && state === undefined && name === undefined) return { sweeps: [], kept: [] };
  return planPrune(db, { olderThanSeconds: olderThan ?? null, states: state ?? FINISHED_STATES, name: name ?? null });
}
