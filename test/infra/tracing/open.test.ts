import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NarrowsError } from '../../../errors.ts';
import { readTracing } from '../../../infra/env.ts';
import { createLogger } from '../../../infra/logger.ts';
import { openTracing } from '../../../infra/tracing/open.ts';
import { traceRequests } from '../../../infra/tracing/requests.ts';
import { currentTracing } from '../../../infra/tracing/tracing.ts';
import { startWebhookReceiver } from '../../support/receiver.ts';

interface Sent {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly status: { readonly code?: number };
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

const CALLER = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

test('spans are sent with kinds of errors alone, requests go on with the trace of their caller, and logs name it', async () => {
  await using collector = await startWebhookReceiver();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = new URL(collector.url).origin;
  const settings = readTracing();
  assert.ok(settings);
  const lines: string[] = [];
  const logger = createLogger('api', 'json', (line) => lines.push(line));
  {
    await using tracing = openTracing('serve', settings);
    assert.equal(currentTracing(), tracing);
    const failing = tracing.trace({ name: 'failing', kind: 'internal' }, async () => {
      throw new NarrowsError('spec-invalid', 'password hunter2');
    });
    await assert.rejects(failing, { code: 'spec-invalid' });
    const traceparent = `00-${CALLER.traceId}-${CALLER.spanId}-01`;
    await traceRequests(tracing)({ method: 'GET', traceparent }, async () => {
      logger.info('answered');
      assert.equal(tracing.traceStatement(() => ({ operation: 'SELECT', table: 'sweeps' }))?.(null), undefined);
      return { route: '/api/sweeps', status: 200 };
    });
    assert.equal(
      tracing.traceStatement(() => assert.fail('its subject is not read')),
      null,
      'nobody traces it',
    );
  }
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  assert.equal(currentTracing(), null);
  const spans = collector.received.flatMap(
    ({ body }) =>
      (JSON.parse(body) as { resourceSpans: [{ scopeSpans: [{ spans: Sent[] }] }] }).resourceSpans[0].scopeSpans[0].spans,
  );
  const found = (name: string) => spans.find((span) => span.name === name);
  assert.equal(found('failing')?.status.code, 2);
  assert.match(JSON.stringify(found('failing')?.attributes), /"error.type".*"spec-invalid"/);
  assert.doesNotMatch(JSON.stringify(spans), /hunter2/);
  assert.deepEqual([found('GET /api/sweeps')?.traceId, found('GET /api/sweeps')?.parentSpanId], [CALLER.traceId, CALLER.spanId]);
  assert.equal(found('SELECT sweeps')?.traceId, CALLER.traceId);
  assert.equal((JSON.parse(lines[0] ?? '') as { trace_id: string }).trace_id, CALLER.traceId);
});
