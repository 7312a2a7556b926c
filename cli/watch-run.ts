/** Follows a run of retraining on stderr. */
import { describeStage, findTriggeredRun, type RetrainRunRow, type TriggeredRun } from '../operations/retraining/runs.ts';
import type { Servers } from '../operations/servers.ts';
import { type CliContext, pause } from './context.ts';

const POLL_MS = 300;
/** Time between two lines about the same stage. */
const LINE_MS = 5000;

/** Returns when the run has ended. Throws Interrupted, NarrowsError `run-lost`. */
export async function watchRun(context: CliContext, servers: Servers, triggered: TriggeredRun): Promise<RetrainRunRow> {
  let shown = '';
  let shownAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const run = await findTriggeredRun(servers, triggered);
    if (run && run.outcome !== 'running') return run;
    const text = run ? await describeStage(servers.db, run) : 'waiting for a worker';
    const isNewStage = text.split(':')[0] !== shown.split(':')[0];
    if (isNewStage || (text !== shown && performance.now() - shownAt >= LINE_MS)) {
      context.note(text);
      shown = text;
      shownAt = performance.now();
    }
    await pause(POLL_MS, context.signal);
  }
}
