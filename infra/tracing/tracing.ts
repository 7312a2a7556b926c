/** Traces of this process, where it has any: docs/decisions/0055-observability.md. */
import type { StatementSubject } from '../../db/client.ts';
import type { TraceContext, WorkflowSpan } from '../../workflows/trace-header.ts';

/** The subject of a span. Values are names, ids and counts: never texts from outside. */
export interface SpanSubject {
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes?: Readonly<Record<string, string | number>>;
}

export interface OpenSpan {
  /** Renames the span, and adds attributes. */
  describe(name: string, attributes: Readonly<Record<string, string | number>>): void;
  /** Marks the span as one that failed, although nothing is thrown. */
  fail(): void;
}

export interface Tracing extends AsyncDisposable {
  /** Works within a span, whose parent is the given one, else that of the caller. */
  trace<T>(subject: SpanSubject, work: (span: OpenSpan) => Promise<T>, parent?: TraceContext | null): Promise<T>;
  /** Begins the span of a statement, within that of its caller; null: nobody traces it. */
  traceStatement(readSubject: () => StatementSubject): ((error: unknown) => void) | null;
  /** Records a run of a workflow. */
  record(name: string, span: WorkflowSpan, attributes: Readonly<Record<string, string>>): void;
  /** Returns the context of the caller's span; null: it has none. */
  context(): TraceContext | null;
  /** Returns the ids of the caller's span, as fields of log lines. */
  logFields(): Readonly<Record<string, string>>;
}

let current: Tracing | null = null;

/** Returns the traces of this process; null: it has none. */
export const currentTracing = (): Tracing | null => current;

/** Makes these the traces of this process; null: it has none from now on. */
export function setTracing(tracing: Tracing | null): void {
  current = tracing;
}
