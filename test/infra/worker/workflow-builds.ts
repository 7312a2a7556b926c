import type { Client } from '@temporalio/client';

/** Returns the builds of workers that took tasks of each run of a workflow, in order. */
export async function listBuilds(temporal: Client, workflowId: string): Promise<string[][]> {
  const runs: string[][] = [];
  const { raw } = await temporal.workflow.getHandle(workflowId).describe();
  for (let runId = raw.workflowExecutionInfo?.firstRunId; runId; ) {
    const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    const builds = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: task }) => {
      const build = task?.deploymentVersion?.buildId ?? task?.workerVersion?.buildId;
      return build ? [build] : [];
    });
    runs.push([...new Set(builds)]);
    runId = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return runs;
}
