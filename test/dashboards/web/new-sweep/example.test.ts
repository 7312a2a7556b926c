/** Example specs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { buildExampleSpec, type ExampleOf } from '../../../../dashboards/web/new-sweep/example.ts';
import { throwFaults } from '../../../../search/fault.ts';
import { checkDataset } from '../../../../search/schemas/spec.ts';
import { specsOf } from '../../../search/specs.ts';

const WATER: ExampleOf = {
  name: 'water',
  version: '0123456789abcdef'.repeat(4),
  newest: true,
  rows: 10_000,
  varying: 3,
  groups: null,
  targets: [
    { name: 'xes', columns: 100, unit: null },
    { name: 'xas', columns: 50, unit: null },
  ],
};

test('the example is a valid spec for any dataset', () => {
  const datasets: ExampleOf[] = [
    WATER,
    { ...WATER, newest: false },
    { ...WATER, varying: 1 },
    { ...WATER, groups: 2 },
    { ...WATER, groups: 40 },
    { ...WATER, rows: 30 },
    { ...WATER, name: 'yes', targets: [{ name: '12e3', columns: 1, unit: null }] },
    { ...WATER, name: 'a: b # c', targets: [{ name: "it's", columns: 1, unit: null }] },
  ];
  for (const dataset of datasets) {
    const text = buildExampleSpec(dataset);
    const [spec, ...others] = specsOf(parse(text));
    assert.ok(spec && others.length === 0, text);
    const { rows, varying, groups } = dataset;
    const facts = { rows, descriptors: varying, groups, targets: dataset.targets.map(({ name }) => name) };
    throwFaults(checkDataset(spec, facts));
    assert.equal(spec.dataset, dataset.newest ? dataset.name : `${dataset.name}@0123456789ab`);
    assert.equal(spec.split.by, (groups ?? 0) >= 3 ? 'group' : 'random');
  }
});
