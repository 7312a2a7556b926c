/** Follows a run of retraining on stderr. */
import { findRun, type RetrainRunRow } from '../db/queries/retraining/retrainings.ts';
import { NarrowsError } from '../errors.ts';
import { describeStage, type TriggeredRun } from '../operations/retraining.ts';
import { retrainRunId } from '../workflows/retrain-input.ts';
import { type CliContext, pause } from './context.ts';
import type { CommandServers } from './servers.ts';

const POLL_MILLISECONDS = 300;
const LINE_MILLISECONDS = 5000;

/**
 * Returns when the run has ended. Throws Interrupted; NarrowsError `run-lost` where it ended
 * without a row.
 */
export async function watchRun(
  context: CliContext,
  { db, temporal }: CommandServers,
  firing: TriggeredRun,
): Promise<RetrainRunRow> {
  const id = retrainRunId(firing.workflowId, firing.firstExecutionRunId);
  let said = '';
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const run = await findRun(db.sql, id).catch((error: unknown) => {
      if (error instanceof NarrowsError && error.code === 'run-unknown') return null;
      throw error;
    });
    if (run && run.outcome !== 'running') return run;
    const now = run ? await describeStage(db, run) : 'waiting for a worker';
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
          kind: 'failure',
        });
      }
    }
    await pause(POLL_MILLISECONDS, context.signal);
  }
}
