/** Traces of a sweep: from the command over its workflow and activities to the database. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { project } from '../../support/command.ts';
import { startWebhookReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';
import { startBareServers } from '../bare-servers.ts';
import { storeShard } from '../worker/installation.ts';

/** A span in the JSON of OTLP. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

interface Export {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

const SPEC = {
  ...{ name: 'traced', dataset: 'little', target: 'xes', methods: ['ednn'], seeds: 4 },
  space: { k: 1, hidden: [8], learningRate: 0.02 },
  training: { epochs: 2, batch: 32 },
};

test('a collector receives one trace of a sweep, from its command to its rows', async () => {
  await using servers = await startBareServers();
  await using collector = await startWebhookReceiver();
  await using it = project();
  await storeShard(servers.db, it.directory);
  writeFileSync(join(it.directory, 'sweep.yaml'), stringify(SPEC));
  const variables = { ...servers.variables, OTEL_EXPORTER_OTLP_ENDPOINT: new URL(collector.url).origin };
  const stop = new AbortController();
  let output = '';
  const worker = it.narrows(['worker', '--engine', 'null'], {
    ...{ variables, interrupt: stop.signal, interruption: 'SIGTERM' },
    onOutput: (text) => {
      output = text;
    },
  });
  await until(() => /taking work/.test(output), 'the worker polls');
  const { code, stderr } = await it.narrows(['sweep', 'start', 'sweep.yaml', '--watch'], { variables });
  assert.equal(code, 0, stderr);
  stop.abort();
  assert.equal((await worker).code, 0);

  const spans = collector.received.flatMap(({ body }) =>
    (JSON.parse(body) as Export).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  );
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const wayTo = (span: Span): string[] => {
    const parent = byId.get(span.parentSpanId ?? '');
    return [...(parent ? wayTo(parent) : span.parentSpanId ? ['missing'] : []), span.name];
  };
  const ways = new Set(spans.map((span) => wayTo(span).join(' > ')));
  const toWorkflow = 'narrows sweep start > StartWorkflow sweep > RunWorkflow sweep';
  for (const way of [
    'narrows sweep start > WITH sweeps',
    `${toWorkflow} > RunActivity trainPack > INSERT trials`,
    `${toWorkflow} > RunActivity closeSweep > UPDATE sweeps`,
  ])
    assert.ok(ways.has(way), `${way}: ${[...ways].join('\n')}`);
  assert.deepEqual(
    [...ways].filter((way) => !way.startsWith('narrows sweep start')),
    [],
  );
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  // Names, ids and numbers: no values of statements, no addresses.
  const text = collector.received.map(({ body }) => body).join();
  const { password } = new URL(servers.databaseUrl);
  for (const secret of ['learningRate', 'little', 'postgres://', '127.0.0.1:', ...(password === '' ? [] : [password])])
    assert.ok(!text.includes(secret), secret);
});

test('without a collector that answers, a command works as ever', async () => {
  await using servers = await startBareServers();
  await using it = project();
  const variables = { ...servers.variables, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };
  assert.deepEqual(await it.narrows(['sweep', 'ls', '--output', 'json'], { variables }), { code: 0, stdout: '[]\n', stderr: '' });
  const named = { ...servers.variables, OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' };
  const { code, stderr } = await it.narrows(['sweep', 'ls', '--output', 'json'], { variables: named });
  assert.deepEqual([code, (JSON.parse(stderr) as { error: { code: string } }).error.code], [2, 'environment-invalid']);
});
