import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../models/canonical-json.ts';
import { type Dimension, dimensionOf, isPresent, PARAMETERS, type ParameterName, type Point } from '../../search/parameters.ts';
import { cellsOf, dimensionsOf, listedPoints, previewTrials, type Trial, trialCount } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';
import { trialAt } from './specs.ts';

interface Deviation {
  readonly reason: string;
  readonly tests: readonly string[];
}

/** Tests what every sampler must keep. Deviations are written down with their reason. */
export function samplerContract(
  name: string,
  make: () => SweepSpec,
  { deviations = [] }: { deviations?: readonly Deviation[] } = {},
) {
  const keeps = (rule: string, check: (spec: SweepSpec) => void) => {
    const deviation = deviations.find(({ tests }) => tests.includes(rule));
    test(`${name}: ${rule}`, { skip: deviation?.reason ?? false }, () => check(make()));
  };

  keeps('any trial reproduces alone, in any order', (spec) => {
    const total = trialCount(spec);
    const order = Array.from({ length: Math.min(total, 300) }, (_, i) => (i * 7919 + 13) % total);
    const together = previewTrials(spec, order);
    for (const [i, index] of order.entries()) assert.deepEqual(trialAt(make(), index), together[i]);
  });

  keeps('no pair of configuration and seed occurs twice', (spec) => {
    const pairs = allTrials(spec).map(({ configurationHash, seed }) => `${configurationHash} ${seed}`);
    assert.equal(new Set(pairs).size, trialCount(spec));
  });

  keeps('every configuration is trained with every seed', (spec) => {
    const byConfiguration = Map.groupBy(allTrials(spec), ({ configurationHash }) => configurationHash);
    for (const trials of byConfiguration.values()) {
      assert.deepEqual(
        trials.map(({ seed }) => seed),
        spec.seeds,
      );
    }
  });

  keeps('every cell is covered, evenly up to one configuration', (spec) => {
    const counts = [...Map.groupBy(allTrials(spec), ({ cell }) => cell).values()].map(({ length }) => length);
    assert.equal(counts.length, cellsOf(spec).length);
    assert.ok(Math.max(...counts) - Math.min(...counts) <= spec.seeds.length);
  });

  keeps('cells share their points', (spec) => {
    const once = allTrials(spec).filter(({ seed }) => seed === spec.seeds[0]);
    const byCell = [...Map.groupBy(once, ({ cell }) => cell).values()].map((trials) => trials.map(pointOf));
    const shortest = Math.min(...byCell.map(({ length }) => length));
    const [first, ...others] = byCell.map((points) => points.slice(0, shortest));
    for (const other of others) assert.deepEqual(other, first);
  });

  for (const parameter of PARAMETERS) {
    keeps(`${parameter} stays within the space`, (spec) => {
      const listed = listedPoints(spec)?.map(({ point }) => JSON.stringify(point[parameter]));
      const dimension = dimensionOf(dimensionsOf(spec), parameter);
      for (const trial of allTrials(spec)) {
        const value = parameterOf(trial, parameter);
        if (!isPresent(parameter, trial.configuration as Partial<Point>)) assert.equal(value, undefined);
        else if (parameter === 'epochs' && dimensionsOf(spec).epochs === undefined) assert.equal(value, spec.training.epochs);
        else if (listed) assert.ok(listed.includes(JSON.stringify(value)));
        else assert.ok(isWithin(value, dimension), `${value}`);
      }
    });
  }

  keeps('a number outside the space is an error', (spec) => {
    for (const index of [-1, trialCount(spec), 0.5]) assert.throws(() => trialAt(spec, index), RangeError);
  });
}

const allTrials = (spec: SweepSpec): Trial[] => previewTrials(spec, [...Array(trialCount(spec)).keys()]);

const parameterOf = ({ configuration }: Trial, parameter: ParameterName): unknown =>
  parameter === 'start' ? (configuration.start ?? 'scratch') : configuration[parameter];

const pointOf = (trial: Trial): string =>
  canonicalJson(Object.fromEntries(PARAMETERS.map((name) => [name, parameterOf(trial, name)])));

function isWithin(value: unknown, dimension: Dimension<unknown>): boolean {
  if (dimension.kind === 'log' || dimension.kind === 'uniform') {
    return typeof value === 'number' && value >= dimension.low && value <= dimension.high;
  }
  const values = dimension.kind === 'choice' ? dimension.values : [dimension.value];
  return values.some((one) => JSON.stringify(one) === JSON.stringify(value));
}
