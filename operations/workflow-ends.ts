/** How workflows ended that could not record it: terminated from outside, timed out. */
import type { Client } from '@temporalio/client';
import { isNamed } from './servers.ts';

/** Maximum time that a status waits for Temporal. */
export const DESCRIBE_TIMEOUT_MS = 1500;

export type WorkflowState =
  | { readonly kind: 'running' }
  /** Temporal has no workflow of this id, as after its data were removed. */
  | { readonly kind: 'missing' }
  /** `by`: a person or a program ended it, or it failed by itself. */
  | { readonly kind: 'ended'; readonly by: 'request' | 'failure'; readonly reason: string };

/** Returns the state of the newest workflow of this id. Throws errors of Temporal. */
export async function readWorkflowState(
  temporal: Client,
  workflowId: string,
  timeoutMs = DESCRIBE_TIMEOUT_MS,
): Promise<WorkflowState> {
  try {
    const workflow = temporal.workflow.getHandle(workflowId);
    const { status } = await temporal.withDeadline(Date.now() + timeoutMs, () => workflow.describe());
    if (status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW') return { kind: 'running' };
    const by = status.name === 'TERMINATED' || status.name === 'CANCELLED' ? 'request' : 'failure';
    return { kind: 'ended', by, reason: `its workflow in Temporal ended as ${status.name.toLowerCase().replace('_', ' ')}` };
  } catch (error) {
    if (isNamed(error, 'WorkflowNotFoundError')) return { kind: 'missing' };
    throw error;
  }
}
