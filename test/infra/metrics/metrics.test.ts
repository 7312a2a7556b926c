import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { createMetrics } from '../../../infra/metrics/metrics.ts';

const VERSION = '0.1.0+test';

/** Returns the values of a metric in the text format, by their labels. */
const valuesOf = (text: string, name: string) =>
  Object.fromEntries(
    Array.from(text.matchAll(new RegExp(`^${name}(\\{.*\\})? (\\S+)$`, 'gm')), ([, labels = '', value]) => [
      labels,
      Number(value),
    ]),
  );

test('a process exposes what it does, and the figures of Node', async () => {
  const metrics = createMetrics('worker', { role: 'trainer', version: VERSION });
  const ended = { outcome: 'completed', method: 'ednn', engine: 'kernel' };
  metrics.add('narrows_trials_total', ended, 2);
  metrics.add('narrows_trials_total', ended, 3);
  metrics.add('narrows_activities_running', { type: 'trainPack' }, 1);
  metrics.add('narrows_activities_running', { type: 'trainPack' }, -1);
  metrics.observe('narrows_report_write_seconds', {}, 0.02);
  const text = await metrics.expose();
  assert.deepEqual(valuesOf(text, 'narrows_build_info'), { [`{role="trainer",version="${VERSION}"}`]: 1 });
  assert.deepEqual(Object.values(valuesOf(text, 'narrows_trials_total')), [5]);
  assert.deepEqual(valuesOf(text, 'narrows_activities_running'), { '{type="trainPack"}': 0 });
  const buckets = valuesOf(text, 'narrows_report_write_seconds_bucket');
  assert.deepEqual([buckets['{le="0.01"}'], buckets['{le="0.03"}'], buckets['{le="+Inf"}']], [0, 1, 1]);
  for (const name of ['process_cpu_seconds_total', 'nodejs_heap_size_used_bytes', 'nodejs_eventloop_lag_p99_seconds'])
    assert.equal(Object.keys(valuesOf(text, name)).length, 1, name);
  // Figures of requests and of the installation are those of other processes.
  assert.doesNotMatch(text, /narrows_http|narrows_sweeps/);
  assert.throws(
    () => metrics.observe('narrows_http_request_seconds', { method: 'GET', route: '/', status: '2xx' }, 1),
    /no metric/,
  );
});

test('two processes of one program do not share their metrics', async () => {
  const [one, other] = [
    createMetrics('worker', { role: 'a', version: '1' }),
    createMetrics('worker', { role: 'b', version: '1' }),
  ];
  one.add('narrows_boxes_total', { outcome: 'read' }, 1);
  assert.deepEqual(valuesOf(await other.expose(), 'narrows_boxes_total'), {});
});

test('gauges have the values of the last exposition, and none where they are not known', async () => {
  const metrics = createMetrics('api', { role: 'api', version: '1' });
  let sweeps: { labels: { state: string }; value: number }[] = [{ labels: { state: 'running' }, value: 2 }];
  let silence: { labels: object; value: number }[] = [{ labels: {}, value: 7 }];
  metrics.beforeExposition(async () => {
    metrics.replace('narrows_sweeps', sweeps);
    metrics.replace('narrows_sweep_silence_seconds', silence);
  });
  const first = await metrics.expose();
  assert.deepEqual(valuesOf(first, 'narrows_sweeps'), { '{state="running"}': 2 });
  assert.deepEqual(valuesOf(first, 'narrows_sweep_silence_seconds'), { '': 7 });
  sweeps = [{ labels: { state: 'paused' }, value: 1 }];
  silence = [];
  const second = await metrics.expose();
  assert.deepEqual(valuesOf(second, 'narrows_sweeps'), { '{state="paused"}': 1 });
  assert.deepEqual(valuesOf(second, 'narrows_sweep_silence_seconds'), {});
});

test('metrics of another source are appended, while it answers', async () => {
  const metrics = createMetrics('worker', { role: 'trainer', version: '1' });
  let text: string | null = '# TYPE temporal_num_pollers gauge\ntemporal_num_pollers 5\n';
  metrics.append(async () => text);
  assert.match(await metrics.expose(), /\ntemporal_num_pollers 5\n$/);
  text = null;
  assert.doesNotMatch(await metrics.expose(), /temporal_|null/);
});

const promtool = spawnSync('promtool', ['--version']).status === 0;

test('our metrics follow the conventions of Prometheus', { skip: !promtool && 'without promtool' }, async () => {
  for (const scope of ['worker', 'api'] as const) {
    const text = await createMetrics(scope, { role: scope, version: '1' }).expose();
    const ours = text
      .split('\n\n')
      .filter((block) => /^# HELP narrows_/.test(block))
      .join('\n');
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: `${ours}\n`, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  }
});
