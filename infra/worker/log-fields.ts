/** Fields of log lines from what the SDK of Temporal says of the work that they are about. */

/** Fields without use to a reader: an opaque handle, and what the role says already. */
const UNNAMED = new Set(['taskToken', 'sdkComponent', 'isLocal', 'namespace']);

/** Returns the fields of a line of the SDK, with its sweep, and one name for a workflow's run. */
export function fieldsOf(meta: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const fields = Object.fromEntries(Object.entries(meta).filter(([name]) => !UNNAMED.has(name)));
  const { workflowRunId, workflowId, ...others } = fields;
  const sweep = sweepOf(String(workflowId ?? ''));
  return {
    ...others,
    ...(workflowId !== undefined && { workflowId }),
    ...(workflowRunId !== undefined && { runId: workflowRunId }),
    ...(sweep !== null && { sweep }),
  };
}

/** Returns the id of the sweep of a workflow; null where it works on none. */
const sweepOf = (workflowId: string): string | null => /^sweep-(.+?)(?:-[0-9a-f]{12})?$/.exec(workflowId)?.[1] ?? null;
