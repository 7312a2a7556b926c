import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '../../models/canonical-json.ts';
import { cellsOf, trialAt, trialCount, trialsAt } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';

interface Deviation {
  readonly reason: string;
  readonly tests: readonly string[];
}

/** What every sampler must keep, whatever it chooses. Deviations are written down with their reason. */
export function samplerContract(
  name: string,
  make: () => SweepSpec,
  { deviations = [] }: { deviations?: readonly Deviation[] } = {},
) {
  const keeps = (what: string, check: (spec: SweepSpec) => void) => {
    const deviation = deviations.find(({ tests }) => tests.includes(what));
    test(`${name}: ${what}`, { skip: deviation?.reason ?? false }, () => check(make()));
  };

  keeps('any trial reproduces alone, in any order', (spec) => {
    const total = trialCount(spec);
    const order = Array.from({ length: Math.min(total, 300) }, (_, i) => (i * 7919 + 13) % total);
    const together = trialsAt(spec, order);
    for (const [i, index] of order.entries()) assert.deepEqual(trialAt(make(), index), together[i]);
  });

  keeps('configuration and seed are never met twice', (spec) => {
    const total = trialCount(spec);
    const all = trialsAt(
      spec,
      Array.from({ length: total }, (_, i) => i),
    );
    assert.equal(new Set(all.map(({ configurationHash, seed }) => `${configurationHash} ${seed}`)).size, total);
  });

  keeps('every configuration is trained with every seed', (spec) => {
    const seeds = new Map<string, number[]>();
    for (const { configurationHash, seed } of trialsAt(
      spec,
      Array.from({ length: trialCount(spec) }, (_, i) => i),
    )) {
      seeds.set(configurationHash, [...(seeds.get(configurationHash) ?? []), seed]);
    }
    for (const met of seeds.values()) assert.deepEqual(met, spec.seeds);
  });

  keeps('every cell is covered, evenly up to one configuration', (spec) => {
    const counts = new Map<string, number>();
    for (const { cell } of trialsAt(
      spec,
      Array.from({ length: trialCount(spec) }, (_, i) => i),
    ))
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
    assert.equal(counts.size, cellsOf(spec).length);
    assert.ok(Math.max(...counts.values()) - Math.min(...counts.values()) <= spec.seeds.length);
  });

  keeps('cells share their points', (spec) => {
    const points = new Map<string, string[]>();
    for (const { cell, seed, configuration } of trialsAt(
      spec,
      Array.from({ length: trialCount(spec) }, (_, i) => i),
    )) {
      if (seed !== spec.seeds[0]) continue;
      const { hidden, activation, learningRate } = configuration;
      points.set(cell, [...(points.get(cell) ?? []), canonicalJson({ hidden, activation, learningRate })]);
    }
    const shortest = Math.min(...[...points.values()].map(({ length }) => length));
    const [first, ...others] = [...points.values()].map((list) => list.slice(0, shortest));
    for (const other of others) assert.deepEqual(other, first);
  });

  keeps('stays within the space', (spec) => {
    for (const { configuration } of trialsAt(
      spec,
      Array.from({ length: trialCount(spec) }, (_, i) => i),
    )) {
      const { learningRate, hidden, activation } = spec.space;
      if (learningRate.kind === 'log' || learningRate.kind === 'uniform') {
        assert.ok(configuration.learningRate >= learningRate.low && configuration.learningRate <= learningRate.high);
      }
      if (hidden.kind === 'choice') assert.ok(hidden.values.some((widths) => widths.join() === configuration.hidden.join()));
      if (activation.kind === 'choice') assert.ok(activation.values.includes(configuration.activation));
    }
  });

  keeps('a number outside the space is an error', (spec) => {
    for (const index of [-1, trialCount(spec), 0.5]) assert.throws(() => trialAt(spec, index), RangeError);
  });
}
