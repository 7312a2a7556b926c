/** Follows a run of retraining on stderr. */
import { findRun, type RetrainRunRow } from '../db/queries/retraining.ts';
import { NarrowsError } from '../infra/errors.ts';
import type { Firing } from '../operations/retraining.ts';
import { lookAtSweep } from '../operations/sweeps.ts';
import { retrainRunId } from '../workflows/retrain-input.ts';
import { type CliContext, pause } from './context.ts';
import type { CommandServers } from './servers.ts';

const POLL_MILLISECONDS = 300;
const LINE_MILLISECONDS = 5000;

/** Returns when the run has ended. Throws Interrupted; NarrowsError `run-lost` where it ended without a row. */
export async function watchRun(context: CliContext, { db, temporal }: CommandServers, firing: Firing): Promise<RetrainRunRow> {
  const id = retrainRunId(firing.workflowId, firing.firstExecutionRunId);
  let said = '';
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const run = await findRun(db.sql, id).catch((error: unknown) => {
      if (error instanceof NarrowsError && error.code === 'run-unknown') return null;
      throw error;
    });
    if (run && run.outcome !== 'running') return run;
    const now = run ? await stageOf(db, run) : 'waiting for a worker';
    // A stage is told at once, its progress now and then.
    const stage = now.split(':')[0] !== said.split(':')[0];
    if (stage || (now !== said && performance.now() - saidAt >= LINE_MILLISECONDS)) {
      context.note(now);
      said = now;
      saidAt = performance.now();
    }
    if (!run) {
      const { status } = await temporal.workflow.getHandle(firing.workflowId, firing.firstExecutionRunId).describe();
      if (status.name !== 'RUNNING') {
        throw new NarrowsError('run-lost', `the run ${id} ended as ${status.name.toLowerCase()} before it could begin`, {
          exit: 1,
        });
      }
    }
    await pause(POLL_MILLISECONDS, context.signal);
  }
}

/** Where a run is, in words; what changes while it stays there comes after a colon. */
export async function stageOf(
  db: CommandServers['db'],
  { sweepIds, challenges, drift, fromVersion, toVersion }: RetrainRunRow,
): Promise<string> {
  if (challenges) return 'putting the winners in place';
  if (!sweepIds) {
    if (drift) return `drift: ${drift.verdict}`;
    if (!toVersion) return 'reading the sources';
    return fromVersion ? 'looking for drift' : 'planning the first sweep';
  }
  const sweeps = await Promise.all(sweepIds.map((id) => lookAtSweep({ db, temporal: null }, id)));
  const running = sweeps.filter(({ status }) => status.state === 'running' || status.state === 'paused');
  if (running.length === 0) return 'holding challengers against champions';
  const sum = (count: (counts: (typeof sweeps)[number]['status']['counts']) => number) =>
    sweeps.reduce((total, { status }) => total + count(status.counts), 0);
  const ended = sum(({ completed, pruned, diverged, failed }) => completed + pruned + diverged + failed);
  return `training: ${ended} of ${sum(({ planned }) => planned)} trials`;
}
