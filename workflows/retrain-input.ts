import { type Identified, withIdentity } from './identity.ts';

/** Input of the workflow `retrain`; everything else is in the retraining's row. */
export interface RetrainInput {
  readonly name: string;
}

/** Returns the id of a retraining's schedule, and of its workflows. */
export const scheduleId = (retraining: RetrainInput & Identified): string =>
  withIdentity(`retrain-${retraining.name}`, retraining);

/** Returns the id of the workflow that delivers a run's notifications. */
export const notifyWorkflowId = (runId: string, database: Identified): string => withIdentity(`tell-${runId}`, database);

/** Characters of a run's row that name the run of its workflow. */
const RUN_SUFFIX = 8;

/** Returns the id of the workflow of a run. */
export const workflowOfRun = (runId: string): string => runId.slice(0, -1 - RUN_SUFFIX);

/** Returns the id of a run's row: its workflow's id, and which of that workflow's runs it is. */
export const retrainRunId = (workflowId: string, firstExecutionRunId: string): string =>
  `${workflowId}-${firstExecutionRunId.slice(-RUN_SUFFIX)}`;
