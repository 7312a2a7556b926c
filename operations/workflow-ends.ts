/** How workflows ended that could not record it: terminated from outside, timed out. */
import type { Client } from '@temporalio/client';
import { isNamed, isNamespaceMissing } from './servers.ts';

/** Maximum time that a status waits for Temporal. */
const DESCRIBE_TIMEOUT_MS = 1500;

export type WorkflowState =
  | { readonly kind: 'running' }
  /** Temporal has no workflow of this id, as after its data were removed. */
  | { readonly kind: 'missing' }
  /** `by`: a person or a program ended it, or it failed by itself. */
  | { readonly kind: 'ended'; readonly by: 'request' | 'failure'; readonly reason: string };

export type WorkflowEnd = Omit<Extract<WorkflowState, { readonly kind: 'ended' }>, 'kind'>;

/**
 * Decides whether a workflow that Temporal does not have is gone for good: commands may reach
 * another Temporal than the workers. `key` names what the workflow works on, as it is stored now.
 */
export type IsGone = (key: string) => boolean;

/** The answer of commands. */
export const notGone: IsGone = () => false;

/**
 * Returns how the newest workflow of this id ended, 'missing' where Temporal has none and `isGone`
 * does not hold, and null where it runs, or Temporal does not answer.
 */
export async function readWorkflowEnd(
  temporal: Client,
  workflowId: string,
  isGone: () => boolean,
  timeoutMs?: number,
): Promise<WorkflowEnd | 'missing' | null> {
  const state = await readWorkflowState(temporal, workflowId, timeoutMs).catch((error: unknown) =>
    isNamespaceMissing(error) ? ({ kind: 'missing' } as const) : null,
  );
  if (state?.kind === 'ended') return state;
  if (state?.kind !== 'missing') return null;
  return isGone() ? { by: 'failure', reason: 'its workflow is no longer in Temporal' } : 'missing';
}

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
