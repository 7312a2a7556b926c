/** Opens the traces of a process, with OpenTelemetry, which no process without traces loads. */
import {
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { parseTraceContext, type TraceContext } from '../../workflows/trace-header.ts';
import { readPackageVersion } from '../code-version.ts';
import type { SamplerName, TracingSettings } from '../env.ts';
import { type SpanSubject, setTracing, type Tracing } from './tracing.ts';

/** Time in which the last spans are sent before the process ends: an outage must not delay it. */
const CLOSE_MS = 2000;

/** Time that a batch of spans waits. */
const BATCH_MS = 1000;

const KINDS: Readonly<Record<SpanSubject['kind'], SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Sends spans to the collector that OTEL_EXPORTER_OTLP_ENDPOINT names, until disposed of. The
 * exporter reads its other variables itself. What cannot be sent is dropped.
 */
export function openTracing(command: string, settings: TracingSettings): Tracing {
  const preset: { spanId: string | null } = { spanId: null };
  const random = new RandomIdGenerator();
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.name': 'narrows',
          'service.version': readPackageVersion(),
          'narrows.command': command,
        }),
      )
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(settings.sampler),
    idGenerator: {
      generateTraceId: () => random.generateTraceId(),
      generateSpanId: () => preset.spanId ?? random.generateSpanId(),
    },
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: BATCH_MS })],
  });
  const tracer = provider.getTracer('narrows');
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const active = () => trace.getSpan(context.active());

  const tracing: Tracing = {
    async trace({ name, kind, attributes }, work, parent) {
      const from = parent ? contextOf(parent) : context.active();
      const span = tracer.startSpan(name, { kind: KINDS[kind], ...(attributes && { attributes }) }, from);
      const open = {
        describe: (newName: string, more: Readonly<Record<string, string | number>>) => {
          span.updateName(newName).setAttributes(more);
        },
        fail: () => void span.setStatus({ code: SpanStatusCode.ERROR }),
      };
      try {
        return await context.with(trace.setSpan(from, span), () => work(open));
      } catch (error) {
        fail(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
    traceStatement(readSubject) {
      // Statements without a caller are those of every few seconds.
      if (!active()?.isRecording()) return null;
      const { operation, table } = readSubject();
      const attributes = {
        'db.system.name': 'postgresql',
        'db.operation.name': operation,
        ...(table && { 'db.collection.name': table }),
      };
      const span = tracer.startSpan(table === null ? operation : `${operation} ${table}`, { kind: SpanKind.CLIENT, attributes });
      return (error) => {
        if (error !== null) fail(span, error);
        span.end();
      };
    },
    record(name, { parent, spanId, startMs, endMs, outcome }, attributes) {
      preset.spanId = spanId;
      try {
        const span = tracer.startSpan(name, { kind: SpanKind.INTERNAL, startTime: startMs, attributes }, contextOf(parent));
        if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
        span.setAttribute('narrows.outcome', outcome).end(endMs);
      } finally {
        preset.spanId = null;
      }
    },
    context() {
      const span = active()?.spanContext();
      if (!span || !isSpanContextValid(span)) return null;
      return { traceparent: `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}` };
    },
    logFields() {
      const span = active()?.spanContext();
      return span && isSpanContextValid(span) ? { trace_id: span.traceId, span_id: span.spanId } : {};
    },
    async [Symbol.asyncDispose]() {
      setTracing(null);
      const sent = provider.shutdown().catch(() => {});
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([sent, new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_MS)))]);
      clearTimeout(timer);
      context.disable();
    },
  };
  setTracing(tracing);
  return tracing;
}

/** Marks a span by the kind of error alone: messages may quote what is secret. */
function fail(span: Span, error: unknown): void {
  const { code, name } = error as { readonly code?: unknown; readonly name?: string };
  span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', typeof code === 'string' ? code : (name ?? 'Error'));
}

function contextOf(parent: TraceContext): Context {
  const parsed = parseTraceContext(parent);
  if (parsed === null) return ROOT_CONTEXT;
  const { traceId, spanId, flags } = parsed;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true });
}

function samplerOf({ name, ratio }: TracingSettings['sampler']): Sampler {
  const roots: Readonly<Record<SamplerName, () => Sampler>> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
    parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    parentbased_traceidratio: () => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
  };
  return roots[name]();
}
