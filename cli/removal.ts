/** Removals as commands show them: what would go, a confirmation, and what went. */
import type { StorageSession } from '../infra/sessions.ts';
import type { Space } from '../operations/lifecycle/reclaim.ts';
import { type KeptSweep, measureUnused, type RemovalPlan, removeSweeps } from '../operations/lifecycle/sweeps.ts';
import { countOf, formatBytes } from '../text/format.ts';
import { option } from './command.ts';
import { confirm } from './confirm.ts';
import type { CliContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { formatTable, localTime } from './output/table.ts';

export interface RemovalOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly compact?: boolean;
}

export const REMOVAL_OPTIONS = [
  option('--yes', 'do not ask'),
  option('--dry-run', 'show what would be removed'),
  option('--compact', 'rewrite large tables too, which are locked meanwhile: gives their space back to the file system'),
];

/** Shows the plan, asks, and removes what it names. */
export async function removeChosen(
  context: CliContext,
  storage: StorageSession,
  plan: RemovalPlan,
  { yes = false, dryRun = false, compact = false }: RemovalOptions,
): Promise<number> {
  const trials = plan.sweeps.reduce((sum, one) => sum + one.trials, 0);
  const bytes = plan.sweeps.reduce((sum, one) => sum + one.bytes, 0);
  const amount = `${countOf(plan.sweeps.length, 'sweep')} with ${countOf(trials, 'trial')}, ${formatBytes(bytes)} of results`;
  if (dryRun) {
    const unused = await measureUnused(storage);
    context.print({ removed: false, ...plan, trials, bytes, unused }, () =>
      [
        ...describePlan(plan),
        `would remove ${amount}`,
        ...(unused.arrays > 0 ? [`would remove ${describeUnused(unused.arrays, unused.bytes)}`] : []),
      ].join('\n'),
    );
    return EXIT.ok;
  }
  if (!yes && plan.sweeps.length > 0 && !(await confirm(context, `Remove ${amount}?`))) return EXIT.ok;
  const removal = await removeSweeps(storage, plan, { compact });
  const [only] = removal.sweeps;
  // For one sweep, its id and name as well.
  const one = removal.sweeps.length === 1 && only ? { sweepId: only.sweepId, name: only.name } : {};
  context.print({ ...one, removed: true, ...removal, bytes }, () =>
    [
      ...removal.sweeps.map(({ sweepId, name }) => `removed ${name} (${sweepId})`),
      ...removal.kept.map(describeKept),
      `removed ${countOf(removal.sweeps.length, 'sweep')} with ${countOf(removal.trials, 'trial')}`,
      ...(removal.arrays > 0 ? [`removed ${describeUnused(removal.arrays, removal.arrayBytes)}`] : []),
      describeSpace(removal.space),
    ].join('\n'),
  );
  return EXIT.ok;
}

const describeUnused = (arrays: number, bytes: number): string =>
  `${countOf(arrays, 'array')} that no dataset uses, ${formatBytes(bytes)}`;

/** Says what went back to the file system, and what Postgres keeps for later rows. */
export function describeSpace({ before, after, freed, left, reason }: Space): string {
  const measured = `${formatBytes(freed)} freed: the database takes ${formatBytes(after)}, before ${formatBytes(before)}`;
  if (reason === null) return measured;
  return `${measured}; Postgres reuses the space in ${left.join(', ')} and does not give it back (${reason}); "narrows prune --compact" does, when nothing runs`;
}

const describeKept = ({ sweepId, name, reason }: KeptSweep): string => `kept ${name} (${sweepId}): ${reason}`;

function describePlan({ sweeps, kept }: RemovalPlan): string[] {
  const table = formatTable(sweeps, {
    sweep: ({ sweepId }) => sweepId,
    name: ({ name }) => name,
    state: ({ state }) => state,
    ended: ({ finishedAt }) => finishedAt && localTime(new Date(finishedAt)),
    trials: ({ trials }) => trials,
    size: ({ bytes }) => formatBytes(bytes),
  });
  return [...(sweeps.length > 0 ? [table, ''] : []), ...kept.map(describeKept)];
}
