/** Names of metrics, by the conventions of Prometheus, and their table in the guide. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { METRICS, type MetricName } from '../../../infra/metrics/table.ts';

const NAMES = Object.keys(METRICS) as MetricName[];

test('names have units and suffixes, labels are few, and help is one sentence', () => {
  for (const name of NAMES) {
    const { kind, labels, help } = METRICS[name];
    assert.match(name, /^narrows_[a-z]+(_[a-z]+)*$/);
    assert.equal(name.endsWith('_total'), kind === 'counter', name);
    if (kind === 'histogram') assert.match(name, /_seconds$/);
    assert.doesNotMatch(name, /_(ms|milliseconds|minutes|kb|mb|count|sum|bucket)$/);
    assert.ok(labels.length <= 3, name);
    for (const label of labels) assert.doesNotMatch(label, /^(sweep|trial|name|id|le|job|instance|user|caller)$/, name);
    assert.doesNotMatch(help, /\.$/, name);
  }
});

test('the guide lists every metric with its labels, its processes and what it says', () => {
  const guide = readFileSync(new URL('../../../docs/guides/operating.md', import.meta.url), 'utf8');
  const rows = Array.from(
    guide.matchAll(/^\| `(narrows_\w+)` \| (\w+) \| ([^|]*) \| (\w+) \| ([^|]+) \|$/gm),
    ([, ...cells]) => cells,
  );
  const expected = NAMES.map((name) => {
    const { kind, labels, scope, help } = METRICS[name];
    return [name, kind, labels.map((label) => `\`${label}\``).join(', '), scope, help];
  });
  assert.deepEqual(rows, expected);
});
