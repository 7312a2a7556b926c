/** Follows a sweep on stderr: bars on a terminal, a line now and then elsewhere. */
import { eraseNotes, type TerminalText } from '../infra/output.ts';
import type { Servers } from '../operations/servers.ts';
import { settleSweep, sweepLostError } from '../operations/sweeps/lost.ts';
import {
  budgetedSecondsLeft,
  type MethodProgress,
  readSweep,
  type SweepRow,
  type SweepStatus,
} from '../operations/sweeps/status.ts';
import { countExpected, countFinished, isFinished } from '../search/states.ts';
import { escapeLine } from '../text/controls.ts';
import { formatDuration, formatElapsed } from '../text/format.ts';
import { METHOD_STYLES } from '../text/methods.ts';
import { type CliContext, pause } from './context.ts';
import { noteMissingWorkers } from './workers.ts';

const POLL_MS = 500;
/** The same once all trials have ended: the rest takes a second or two. */
const CLOSING_POLL_MS = 100;
/** Pause by the time of the query before: counting a million trials takes a tenth of a second. */
const PAUSE_RATIO = 9;
const LINE_MS = 5000;
/** Seconds over which the rate is taken. */
const RATE_WINDOW = 20;

/** Time without an ended trial before workflow and workers are checked, and between checks. */
const IDLE_CHECK_MS = 2500;

/** Returns when the sweep has ended. Throws Interrupted, NarrowsError `sweep-lost`. */
export async function watchSweep(context: CliContext, servers: Servers, idOrName: string): Promise<SweepStatus> {
  const { db } = servers;
  const checkIdle = createIdleCheck(context, servers);
  const seen: { at: number; ended: number }[] = [];
  let drawn = 0;
  let lineAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const asked = performance.now();
    const { row, status, methods } = await readSweep({ db, temporal: null }, idOrName);
    const took = performance.now() - asked;
    const now = performance.now() / 1000;
    seen.push({ at: now, ended: endedOf(methods) });
    while (seen.length > 2 && now - (seen[0]?.at ?? now) > RATE_WINDOW) seen.shift();
    const over = isFinished(status.state);
    const secondsLeft = secondsLeftOf(row, status, rateOf(seen));
    const lines = progressLines(context, status, methods, rateOf(seen), secondsLeft);
    if (context.interactive) {
      eraseNotes(drawn);
      for (const line of lines) context.note(line);
      drawn = lines.length;
    } else if (over || now * 1000 - lineAt >= LINE_MS) {
      lineAt = now * 1000;
      context.note(summaryLine(status, methods, rateOf(seen), secondsLeft));
    }
    if (over) return status;
    if (await checkIdle(row, status, endedOf(methods))) drawn = 0;
    const isClosing = status.state === 'running' && countFinished(status.counts) === countExpected(status.counts);
    await pause(Math.max(isClosing ? CLOSING_POLL_MS : POLL_MS, PAUSE_RATIO * took), context.signal);
  }
}

/** Returns a check of a sweep without progress; it resolves to true where it printed a note. */
function createIdleCheck(context: CliContext, servers: Servers) {
  let [ended, checkAt, isNoted] = [-1, 0, false];
  return async (row: SweepRow, { waiting }: SweepStatus, endedNow: number): Promise<boolean> => {
    if (endedNow !== ended) [ended, checkAt] = [endedNow, performance.now() + IDLE_CHECK_MS];
    if (performance.now() < checkAt) return false;
    checkAt = performance.now() + IDLE_CHECK_MS;
    if ((await settleSweep(servers, row)).loss !== null) throw sweepLostError(row);
    if (isNoted || row.state === 'paused') return false;
    isNoted = await noteMissingWorkers(context, servers, waiting);
    return isNoted;
  };
}

const endedOf = (methods: readonly MethodProgress[]) => methods.reduce((sum, { ended }) => sum + ended, 0);

function rateOf(seen: readonly { at: number; ended: number }[]): number {
  const first = seen[0];
  const last = seen.at(-1);
  if (!first || !last || last.at <= first.at) return 0;
  return (last.ended - first.ended) / (last.at - first.at);
}

function progressLines(
  { width, colors }: CliContext,
  status: SweepStatus,
  methods: readonly MethodProgress[],
  rate: number,
  secondsLeft: number,
): TerminalText[] {
  const bar = Math.max(10, Math.min(40, width - 30));
  const lines = methods.map(({ method, ended, ...plan }) => {
    const expected = countExpected(plan);
    const filled = expected === 0 ? bar : Math.round((ended / expected) * bar);
    return [
      `  ${METHOD_STYLES[method].label.padEnd(5)} `,
      { text: '█'.repeat(filled), paint: colors.cyan },
      { text: '░'.repeat(bar - filled), paint: colors.dim },
      ` ${ended} of ${expected}`,
    ];
  });
  return [...lines, `  ${tail(status, rate, secondsLeft)}`];
}

function summaryLine(status: SweepStatus, methods: readonly MethodProgress[], rate: number, secondsLeft: number): string {
  const parts = methods
    .map(({ method, ended, ...plan }) => `${METHOD_STYLES[method].label} ${ended}/${countExpected(plan)}`)
    .join('  ');
  return `${status.name}: ${parts}  ${tail(status, rate, secondsLeft)}`;
}

/** Returns the seconds until the rest has ended at this rate, or the budget is spent. */
function secondsLeftOf(row: SweepRow, { counts }: SweepStatus, rate: number): number {
  const left = countExpected(counts) - countFinished(counts);
  return Math.min(left / rate, budgetedSecondsLeft(row));
}

function tail(status: SweepStatus, rate: number, secondsLeft: number): string {
  const { state, message, counts } = status;
  const ended = countFinished(counts);
  const expected = countExpected(counts);
  const left = rate > 0 ? `, about ${formatDuration(secondsLeft)} left` : '';
  const extras = (['pruned', 'diverged', 'failed'] as const).filter((outcome) => counts[outcome] > 0);
  const leftOut = counts.leftOut > 0 ? `, ${counts.leftOut} left out` : '';
  const others = extras.map((outcome) => `, ${counts[outcome]} ${outcome}`).join('') + leftOut;
  if (state === 'running') return `${ended} of ${expected} trials, ${rate.toFixed(1)} trials/s${left}${others}`;
  return `${state} after ${formatElapsed(status)}: ${ended} of ${expected} trials${others}${message === null ? '' : `: ${escapeLine(message)}`}`;
}
