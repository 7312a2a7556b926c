/** Places where Temporal passes traces on: starts and runs of workflows, and activities. */
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import { parseTraceContext, TRACE_HEADER, type TraceContext } from '../../workflows/trace-header.ts';
import type { TracingSinks } from '../../workflows/tracing.ts';
import type { Tracing } from './tracing.ts';

type Headers = Parameters<NonNullable<WorkflowClientInterceptor['startWithDetails']>>[0]['headers'];

const withContext = (headers: Headers, context: TraceContext | null): Headers =>
  context === null ? headers : { ...headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(context) };

/** Returns the client's interceptors that begin the trace of a workflow. */
export const traceStarts = (tracing: Tracing | null): { readonly workflow?: WorkflowClientInterceptor[] } => {
  if (tracing === null) return {};
  const begin = <Input extends { readonly headers: Headers }, Output>(
    name: string,
    workflowId: string | undefined,
    input: Input,
    next: (input: Input) => Promise<Output>,
  ): Promise<Output> =>
    tracing.trace(
      { name, kind: 'producer', attributes: { ...(workflowId !== undefined && { 'temporal.workflow_id': workflowId }) } },
      () => next({ ...input, headers: withContext(input.headers, tracing.context()) }),
    );
  return {
    workflow: [
      {
        startWithDetails: (input, next) => begin(`StartWorkflow ${input.workflowType}`, input.options.workflowId, input, next),
        signalWithStart: (input, next) =>
          begin(`SignalWithStartWorkflow ${input.workflowType}`, input.options.workflowId, input, next),
      },
    ],
  };
};

/** Returns the context in a header; null without one, and for what another client wrote there. */
function readContext(payload: Payload | undefined): TraceContext | null {
  try {
    const read = payload && defaultPayloadConverter.fromPayload<TraceContext>(payload);
    return read && parseTraceContext(read) ? read : null;
  } catch {
    return null;
  }
}

/** Works on each attempt of an activity within a span, and names the span in its log lines. */
export const traceActivities =
  (tracing: Tracing): ActivityInterceptorsFactory =>
  ({ info }) => ({
    inbound: {
      execute(input, next) {
        const parent = readContext(input.headers[TRACE_HEADER]);
        // What nobody traces, such as a schedule's work, begins no trace of its own.
        if (parent === null) return next(input);
        const { workflowId = '', runId = '' } = info.workflowExecution ?? {};
        const attributes = { 'temporal.workflow_id': workflowId, 'temporal.run_id': runId, 'temporal.attempt': info.attempt };
        return tracing.trace(
          { name: `RunActivity ${info.activityType}`, kind: 'consumer', attributes },
          () => next(input),
          parent,
        );
      },
    },
    outbound: { getLogAttributes: (input, next) => next({ ...input, ...tracing.logFields() }) },
  });

/** Returns the sinks that record runs of workflows. */
export const workflowSinks = (tracing: Tracing | null): InjectedSinks<TracingSinks> => ({
  tracing: {
    record: {
      fn: ({ workflowType, workflowId, runId }, span) =>
        tracing?.record(`RunWorkflow ${workflowType}`, span, { 'temporal.workflow_id': workflowId, 'temporal.run_id': runId }),
    },
  },
});
