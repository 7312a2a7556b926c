/** How traces pass through workflows; without the SDK, for those that start them. */

/** Header of Temporal with the context of a trace, as Temporal's own interceptors name it. */
export const TRACE_HEADER = '_tracer-data';

/** Context of a trace, as W3C Trace Context has it: the parent of what is done next. */
export interface TraceContext {
  readonly traceparent: string;
}

/** A run of a workflow, as a span: ids are hexadecimal, times in milliseconds since 1970. */
export interface WorkflowSpan {
  readonly parent: TraceContext;
  readonly spanId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly outcome: 'ended' | 'failed' | 'cancelled' | 'continued';
}

/** Returns the trace's id, the parent's, and the flags; null where the context is none. */
export function parseTraceContext({ traceparent }: TraceContext): { traceId: string; spanId: string; flags: string } | null {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? [];
  return traceId === undefined || spanId === undefined || flags === undefined ? null : { traceId, spanId, flags };
}
