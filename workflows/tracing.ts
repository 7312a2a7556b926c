/**
 * Passes the context of a trace from what started a workflow to its activities and children, and
 * reports each run as a span. Without a context nothing is added to a history.
 */
import {
  ContinueAsNew,
  defaultPayloadConverter,
  type Headers,
  isCancellation,
  proxySinks,
  type Sinks,
  type WorkflowInterceptorsFactory,
  workflowInfo,
} from '@temporalio/workflow';
import { parseTraceContext, TRACE_HEADER, type TraceContext, type WorkflowSpan } from './trace-header.ts';

export interface TracingSinks extends Sinks {
  readonly tracing: {
    record(span: WorkflowSpan): void;
  };
}

const { tracing } = proxySinks<TracingSinks>();

export const interceptors: WorkflowInterceptorsFactory = () => {
  let own: TraceContext | null = null;
  const withContext = <Input extends { readonly headers: Headers }>(input: Input): Input =>
    own === null
      ? input
      : { ...input, headers: { ...input.headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(own) as Headers[string] } };
  return {
    inbound: [
      {
        execute(input, next) {
          const parent = readContext(input.headers);
          const parsed = parent && parseTraceContext(parent);
          if (!parent || !parsed) return next(input);
          // The random part of a run's id: no random number is drawn, which replays would miss.
          const { runId, runStartTime } = workflowInfo();
          const spanId = runId.replaceAll('-', '').slice(-16);
          own = { traceparent: `00-${parsed.traceId}-${spanId}-${parsed.flags}` };
          const record = (outcome: WorkflowSpan['outcome']) =>
            tracing.record({ parent, spanId, startMs: runStartTime.getTime(), endMs: Date.now(), outcome });
          return next(input).then(
            (result) => {
              record('ended');
              return result;
            },
            (error: unknown) => {
              record(error instanceof ContinueAsNew ? 'continued' : isCancellation(error) ? 'cancelled' : 'failed');
              throw error;
            },
          );
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withContext(input)),
        startChildWorkflowExecution: (input, next) => next(withContext(input)),
        continueAsNew: (input, next) => next(withContext(input)),
      },
    ],
  };
};

function readContext(headers: Headers): TraceContext | null {
  const payload = headers[TRACE_HEADER];
  if (!payload) return null;
  try {
    const context = defaultPayloadConverter.fromPayload<Partial<TraceContext>>(payload);
    return typeof context?.traceparent === 'string' ? { traceparent: context.traceparent } : null;
  } catch {
    return null;
  }
}
