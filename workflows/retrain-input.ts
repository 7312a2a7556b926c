/** All that a firing is told: everything else is in the retraining's row. */
export interface RetrainInput {
  readonly name: string;
}

export function scheduleId(name: string): string {
  return `retrain-${name}`;
}

/** Of the workflow that delivers a run's messages. */
export function notifyWorkflowId(runId: string): string {
  return `tell-${runId}`;
}

/** Of a firing's row: its workflow's id, and which of that workflow's runs. */
export function retrainRunId(workflowId: string, firstExecutionRunId: string): string {
  return `${workflowId}-${firstExecutionRunId.slice(-8)}`;
}
