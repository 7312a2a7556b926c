/** The dashboard for Grafana: its queries are valid, and about metrics that exist. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { METRICS, type MetricName } from '../../infra/metrics/table.ts';
import { temporaryFolder } from './folders.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const { panels } = JSON.parse(readFileSync(new URL('../../infra/grafana/narrows.json', import.meta.url), 'utf8')) as {
  panels: Panel[];
};
const queries = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

test('panels have ids of their own, and do not overlap', () => {
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
  );
  assert.equal(new Set(cells).size, cells.length);
});

test('queries and legends use metrics and labels that exist', () => {
  const shown = new Set<string>();
  for (const { title, expr, legendFormat } of queries) {
    for (const [, name] of expr.matchAll(/\b(narrows_\w+?)(?:_bucket|_count|_sum)?\b(?=[{[) ]|$)/g)) {
      assert.ok((name as string) in METRICS, `${title}: ${name}`);
      shown.add(name as string);
    }
    for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
      const grouped = /by \(([^)]*)\)/.exec(expr)?.[1]?.split(', ');
      assert.ok(grouped ? grouped.includes(label as string) : label === 'instance', `${title}: ${label}`);
    }
  }
  // Everything that is described is shown, but for what alerts and other panels say better.
  const unseen = (Object.keys(METRICS) as MetricName[]).filter((name) => !shown.has(name));
  assert.deepEqual(unseen, [
    'narrows_build_info',
    'narrows_disk_size_bytes',
    'narrows_disk_available_bytes',
    'narrows_training_rows_total',
    'narrows_source_up',
    'narrows_queue_workers',
    'narrows_messages',
    'narrows_message_age_seconds',
  ]);
});

const promtool = spawnSync('promtool', ['--version']).status === 0;

test('queries are valid', { skip: !promtool && 'without promtool' }, (t) => {
  const file = join(temporaryFolder(t), 'queries.json');
  const rules = queries.map(({ expr }, i) => ({ record: `query:${i}`, expr: expr.replaceAll('$__rate_interval', '1m') }));
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});
