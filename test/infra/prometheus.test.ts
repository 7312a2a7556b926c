/** Alerts: that each has a runbook, uses metrics that exist, and fires when it should. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { METRICS } from '../../infra/metrics/table.ts';
import { temporaryFolder } from './folders.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const RULES = join(ROOT, 'infra/helm/narrows/rules.yaml');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook: string };
}

const { groups } = parse(readFileSync(RULES, 'utf8')) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

test('every alert has a summary, a description and a runbook', () => {
  const guide = readFileSync(join(ROOT, 'docs/guides/operating.md'), 'utf8');
  const anchors = new Set(Array.from(guide.matchAll(/^#+ (.+)$/gm), ([, heading]) => (heading as string).toLowerCase()));
  for (const { alert, labels, annotations } of rules) {
    assert.ok(annotations.summary && annotations.description, alert);
    assert.match(labels.severity, /^(critical|warning)$/, alert);
    assert.equal(annotations.runbook, `docs/guides/operating.md#${alert.toLowerCase()}`);
    assert.ok(anchors.has(alert.toLowerCase()), `the guide has a section ${alert}`);
  }
});

test('alerts are about metrics and labels that exist', () => {
  for (const { alert, expr } of rules) {
    const used = [...expr.matchAll(/\b(narrows_\w+?)(?:_bucket|_count|_sum)?\b(?:\{([^}]*)\})?/g)];
    for (const [, name, selectors = ''] of used) {
      const metric = METRICS[name as keyof typeof METRICS];
      assert.ok(metric, `${alert}: ${name}`);
      for (const [, label] of selectors.matchAll(/(\w+) *[=!]/g))
        assert.ok((metric.labels as readonly string[]).includes(label as string), `${alert}: ${name}{${label}}`);
    }
  }
});

/** Series by name, each with a value per minute, and the alerts that fire at a minute. */
interface Scenario {
  readonly name: string;
  readonly series: Readonly<Record<string, string>>;
  readonly firing: Readonly<Record<string, readonly string[]>>;
}

/** A server reports: else that is an alert, too. */
const REPORTED = { 'narrows_source_up{job="narrows",source="database"}': '1x200' };

/** A trainer is scraped: else nothing is known of what is trained. */
const SCRAPED = { 'narrows_build_info{role="trainer",instance="t"}': '1x200' };

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'nothing is scraped',
    series: { 'up{job="others"}': '0x30' },
    firing: { '9m': [], '11m': ['NarrowsInstallationUnknown'] },
  },
  {
    name: 'a process goes down',
    series: { ...REPORTED, 'up{job="narrows",instance="a"}': '1x4 0x20', 'up{job="narrows",instance="b"}': '1x30' },
    firing: { '9m': [], '11m': ['NarrowsTargetDown'] },
  },
  {
    name: 'one process does not reach Postgres, and comes back',
    series: {
      ...REPORTED,
      'narrows_check_ok{check="postgres",instance="a"}': '1x9 0x9 1x9',
      'narrows_check_ok{check="postgres",instance="b"}': '1x30',
      'narrows_check_ok{check="process",instance="b"}': '0x30',
    },
    firing: { '11m': [], '13m': ['NarrowsServerUnreachable'], '20m': [] },
  },
  {
    name: 'a database that was restored from before a migration',
    series: { ...REPORTED, 'narrows_check_ok{check="schema",instance="a"}': '0x30' },
    firing: { '4m': [], '6m': ['NarrowsSchemaOutdated'] },
  },
  {
    name: 'packs wait for trainers that are not there',
    series: {
      ...REPORTED,
      'narrows_queue_tasks{role="trainer",instance="a"}': '4x40',
      'narrows_queue_tasks{role="trainer",instance="b"}': '4x40',
      'narrows_queue_workers{role="trainer",instance="a"}': '0x40',
      'narrows_queue_workers{role="trainer",instance="b"}': '0x40',
    },
    firing: { '4m': [], '6m': ['NarrowsNoWorkers'] },
  },
  {
    name: 'trainers poll, packs wait, and nothing ends',
    series: {
      ...REPORTED,
      ...SCRAPED,
      'narrows_queue_tasks{role="trainer"}': '4x60',
      'narrows_queue_workers{role="trainer"}': '2x60',
      'narrows_activity_seconds_count{type="trainPack",outcome="completed"}': '0+1x20 20x40',
      'narrows_training_flops_total{method="ednn",engine="kernel"}': '0+1e9x20 2e10x40',
    },
    firing: { '34m': [], '42m': ['NarrowsSweepStuck'] },
  },
  {
    name: 'packs wait behind a long trial, whose epochs are counted',
    series: {
      ...REPORTED,
      ...SCRAPED,
      'narrows_queue_tasks{role="trainer"}': '4x60',
      'narrows_queue_workers{role="trainer"}': '2x60',
      'narrows_activity_seconds_count{type="trainPack",outcome="completed"}': '3x60',
      'narrows_training_flops_total{method="ednn",engine="kernel"}': '0+1e9x60',
    },
    firing: { '50m': [] },
  },
  {
    name: 'a trainer has ended no pack since the start of the installation',
    series: {
      ...REPORTED,
      ...SCRAPED,
      'narrows_queue_tasks{role="trainer"}': '4x60',
      'narrows_queue_workers{role="trainer"}': '1x60',
    },
    firing: { '6m': ['NarrowsSweepStuck'] },
  },
  {
    name: 'packs wait, and no trainer is scraped that could say what it trains',
    series: {
      ...REPORTED,
      'narrows_build_info{role="orchestrator"}': '1x60',
      'narrows_queue_tasks{role="trainer"}': '4x60',
      'narrows_queue_workers{role="trainer"}': '1x60',
    },
    firing: { '30m': [] },
  },
  {
    name: 'packs wait for trainers of a class that is not there, and others have no work',
    series: {
      ...REPORTED,
      ...SCRAPED,
      'narrows_queue_tasks{role="trainer",class="gpu"}': '4x60',
      'narrows_queue_workers{role="trainer",class="gpu"}': '0x60',
      'narrows_queue_tasks{role="trainer",class="default"}': '0x60',
      'narrows_queue_workers{role="trainer",class="default"}': '2x60',
    },
    firing: { '30m': ['NarrowsNoWorkers'] },
  },
  {
    name: 'a running sweep falls silent',
    series: { ...REPORTED, narrows_sweep_silence_seconds: '0+60x90' },
    firing: { '60m': [], '70m': ['NarrowsSweepSilent'] },
  },
  {
    name: 'one of ten trials fails',
    series: {
      ...REPORTED,
      'narrows_trials_total{outcome="failed",method="eca",engine="kernel"}': '0+1x40',
      'narrows_trials_total{outcome="completed",method="eca",engine="kernel"}': '0+9x40',
    },
    firing: { '3m': [], '30m': ['NarrowsTrialsFailing'] },
  },
  {
    name: 'the first trials of a trainer fail together',
    series: {
      ...REPORTED,
      'narrows_trials_total{outcome="failed",method="eca",engine="kernel"}': '0x9 20x30',
      'narrows_trials_total{outcome="completed",method="eca",engine="kernel"}': '0x40',
    },
    firing: { '9m': [], '11m': ['NarrowsTrialsFailing'] },
  },
  {
    name: 'one of a hundred trials fails',
    series: {
      ...REPORTED,
      'narrows_trials_total{outcome="failed",method="eca",engine="kernel"}': '0+1x40',
      'narrows_trials_total{outcome="completed",method="eca",engine="kernel"}': '0+99x40',
    },
    firing: { '30m': [] },
  },
  {
    name: 'an activity fails, and webhooks do',
    series: {
      ...REPORTED,
      'narrows_activity_failures_total{type="trainPack",code="DiskFull"}': '0+1x40',
      'narrows_activity_failures_total{type="deliver",code="MessageUndelivered"}': '0+1x40',
    },
    firing: { '30m': ['NarrowsActivitiesFailing'] },
  },
  {
    name: 'a tenth of the transactions takes ten seconds',
    series: {
      ...REPORTED,
      'narrows_report_write_seconds_bucket{le="3"}': '0+9x40',
      'narrows_report_write_seconds_bucket{le="10"}': '0+10x40',
      'narrows_report_write_seconds_bucket{le="+Inf"}': '0+10x40',
    },
    firing: { '8m': [], '30m': ['NarrowsSlowWrites'] },
  },
  {
    name: 'statements wait',
    series: { ...REPORTED, 'narrows_database_statements_waiting{instance="a"}': '5x30' },
    firing: { '4m': [], '20m': ['NarrowsConnectionsExhausted'] },
  },
  {
    name: 'a disk fills',
    series: { ...REPORTED, narrows_disk_size_bytes: '100x40', narrows_disk_available_bytes: '10x9 4x30' },
    firing: { '15m': [], '25m': ['NarrowsDiskAlmostFull'] },
  },
  {
    name: 'an event loop blocks',
    series: {
      ...REPORTED,
      'nodejs_eventloop_lag_p99_seconds{job="narrows"}': '3x30',
      'nodejs_eventloop_lag_p99_seconds{job="others"}': '3x30',
    },
    firing: { '9m': [], '11m': ['NarrowsEventLoopBlocked'] },
  },
  {
    name: 'a webhook has waited for an hour',
    series: { ...REPORTED, narrows_message_age_seconds: '0+60x80' },
    firing: { '30m': [], '40m': ['NarrowsNotificationsUndelivered'] },
  },
  {
    name: 'mails were given up',
    series: {
      ...REPORTED,
      'narrows_messages{channel="mail",state="failed"}': '3x69 4x100',
      narrows_message_age_seconds: '0x170',
    },
    firing: { '65m': [], '80m': ['NarrowsNotificationsUndelivered'], '140m': [] },
  },
];

test('every alert fires in a scenario', () => {
  const fired = new Set(SCENARIOS.flatMap(({ firing }) => Object.values(firing).flat()));
  assert.deepEqual([...fired].sort(), rules.map(({ alert }) => alert).sort());
});

const promtool = spawnSync('promtool', ['--version']).status === 0;

test('alerts fire when they should, and not before', { skip: !promtool && 'without promtool' }, (t) => {
  const file = join(temporaryFolder(t), 'tests.json');
  const tests = SCENARIOS.map(({ name, series, firing }) => ({
    name,
    interval: '1m',
    input_series: Object.entries({ ...series }).map(([one, values]) => ({ series: one, values })),
    promql_expr_test: Object.entries(firing).map(([eval_time, alerts]) => ({
      eval_time,
      expr: 'group by (alertname) (ALERTS{alertstate="firing"})',
      exp_samples: alerts.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
    })),
  }));
  writeFileSync(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: '1m', tests }));
  for (const words of [
    ['check', 'rules', RULES],
    ['test', 'rules', file],
  ]) {
    const { status, stdout, stderr } = spawnSync('promtool', words, { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  }
});
