/** The dashboards for Grafana: their queries are valid, and about what exists. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { connectTo } from '../../db/client.ts';
import { VIEWS } from '../../db/views.ts';
import { METRICS, type MetricName } from '../../infra/metrics/table.ts';
import { closedDatabase, urlFor } from '../db/database.ts';
import { seedMonitored } from '../db/fixtures.ts';
import { temporaryFolder } from './folders.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly {
    readonly expr: string;
    readonly legendFormat: string;
    readonly rawSql: string;
    readonly format: string;
  }[];
  readonly fieldConfig?: { readonly overrides: readonly { readonly matcher: { readonly options: string } }[] };
  readonly options?: { readonly xField?: string };
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[] };
}

const FOLDER = fileURLToPath(new URL('../../infra/grafana/', import.meta.url));
const readDashboard = (file: string) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Dashboard;
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
const { panels } = readDashboard('narrows.json');
const queries = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

for (const file of files)
  test(`panels of ${file} have ids of their own, and do not overlap`, () => {
    const { panels } = readDashboard(file);
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

/** Returns a query with the macros and variables of Grafana replaced, as its data source does. */
const expandMacros = (query: string): string =>
  query
    .replaceAll(/\$__timeFilter\((\w+)\)/g, "$1 BETWEEN now() - interval '1 day' AND now() + interval '1 minute'")
    .replaceAll(/\$\{sweep:sqlstring\}/g, "'s'");

test('panels over views have rows for the role that only reads, with the columns that they show', async () => {
  const database = await closedDatabase();
  const [owner, reader] = [connectTo(database.url, 1), connectTo(urlFor(database.url, 'read'), 1)];
  try {
    await seedMonitored(owner);
    const shown = new Set<string>();
    for (const file of files.filter((name) => name !== 'narrows.json')) {
      const { panels, templating } = readDashboard(file);
      const variables = templating.list.filter(({ type }) => type === 'query');
      for (const { name, query } of variables) assert.notEqual((await reader.unsafe(query)).length, 0, `${file}: ${name}`);
      for (const { title, targets = [], fieldConfig, options } of panels) {
        for (const { rawSql, format } of targets) {
          const rows = await reader.unsafe(expandMacros(rawSql));
          assert.notEqual(rows.length, 0, `${file}: ${title}`);
          const columns = rows.columns.map(({ name }) => name);
          if (format === 'time_series') assert.ok(rows[0]?.time instanceof Date, `${file}: ${title}`);
          const named = [
            ...(fieldConfig?.overrides ?? []).map(({ matcher }) => matcher.options),
            ...(options?.xField ? [options.xField] : []),
          ];
          assert.deepEqual(
            named.filter((name) => !columns.includes(name)),
            [],
            `${file}: ${title}`,
          );
          for (const view of VIEWS) if (new RegExp(`\\bFROM ${view}\\b`).test(rawSql)) shown.add(view);
        }
      }
    }
    assert.deepEqual([...shown].sort(), [...VIEWS].sort());
  } finally {
    await Promise.all([owner.end(), reader.end()]);
    await database.close();
  }
});

test('dashboards have ids of their own, and data sources are of the kinds that they choose from', () => {
  const dashboards = files.map(readDashboard);
  assert.equal(new Set(dashboards.map(({ uid }) => uid)).size, files.length);
  const { datasources } = parse(readFileSync(join(FOLDER, 'provisioning/datasources/narrows.yaml'), 'utf8')) as {
    datasources: { type: string }[];
  };
  const kinds = dashboards.flatMap(({ templating }) =>
    templating.list.flatMap(({ type, query }) => (type === 'datasource' ? [query] : [])),
  );
  assert.deepEqual(new Set(kinds), new Set(datasources.map(({ type }) => type)));
});

test('the configuration of Prometheus is valid', { skip: !promtool && 'without promtool' }, (t) => {
  const folder = temporaryFolder(t);
  // In one folder, as infra/compose.yaml mounts them.
  for (const file of ['prometheus/prometheus.yaml', 'helm/narrows/rules.yaml'])
    copyFileSync(fileURLToPath(new URL(`../../infra/${file}`, import.meta.url)), join(folder, basename(file)));
  const file = join(folder, 'prometheus.yaml');
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'config', file], { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
});
