/** Compares intervals with numbers of scipy and numpy, from fixtures/statistics.py. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { partitionReach } from '../../models/statistics/partitions.ts';
import { ratioOf, ratioReach } from '../../models/statistics/ratio.ts';
import { intervalAt, type Reach, TAIL } from '../../models/statistics/reach.ts';
import { studentQuantile, studentTail } from '../../models/statistics/student-t.ts';
import { seedsReach, twoWay } from '../../models/statistics/two-way.ts';

type Three = readonly [number, number, number];
interface Fixture {
  readonly tails: readonly Three[];
  readonly quantiles: readonly Three[];
  readonly mean: { readonly values: number[]; readonly low: number; readonly high: number };
  readonly ratio: Readonly<Record<'numerators' | 'denominators' | 'strata', number[]>> &
    Readonly<Record<'ratio' | 'error' | 'stratifiedError', number>>;
  readonly twoWay: { readonly cells: number[][]; readonly spreads: number[] } & Readonly<
    Record<'mean' | 'seeds' | 'units' | 'both' | 'unitsBelow' | 'unitsAbove', number>
  >;
  readonly corrected: { readonly scores: number[]; readonly testToTraining: number; readonly half: number };
}

const fixture = JSON.parse(readFileSync(new URL('fixtures/statistics.json', import.meta.url), 'utf8')) as Fixture;

function assertClose(actual: number | undefined, expected: number, what: string, relative = 1e-9): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= relative * Math.abs(expected), `${what}: ${actual} for ${expected}`);
}

const below = (reach: Reach | null): number | undefined => reach?.(TAIL).below;

test("Student's t equals scipy's", () => {
  for (const [t, df, tail] of fixture.tails) assertClose(studentTail(t, df), tail, `P(T > ${t}) of ${df}`);
  for (const [tail, df, t] of fixture.quantiles) assertClose(studentQuantile(tail, df), t, `${tail} of ${df}`);
});

test('the interval of a mean includes that of scipy, and is little wider', () => {
  const { values, low, high } = fixture.mean;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const interval = intervalAt(mean, seedsReach(Float64Array.from(values), 0, null) as Reach);
  assert.ok(interval.low <= low + 1e-12 && interval.high >= high - 1e-12, JSON.stringify(interval));
  assert.ok(interval.high - interval.low < 1.5 * (high - low), JSON.stringify(interval));
});

test('the interval of a ratio follows from influences, within strata where there are some', () => {
  const { numerators, denominators, strata, ratio, error, stratifiedError } = fixture.ratio;
  const sums = { numerators: Float64Array.from(numerators), denominators: Float64Array.from(denominators) };
  assertClose(ratioOf(sums), ratio, 'ratio');
  const stratified = ratioReach({ ...sums, strata: Int32Array.from(strata) });
  assertClose(below(stratified), studentQuantile(TAIL, 8) * stratifiedError, 'stratified');
  const plain = below(ratioReach({ ...sums, strata: null })) ?? 0;
  assert.ok(Math.abs(plain / (studentQuantile(TAIL, 11) * error) - 1) < 0.35, `bootstrap-t ${plain}`);
  // Strata of one unit say nothing of its spread: they are joined with their neighbours.
  const apart = Int32Array.from(strata, (h, u) => (u % 3 === 0 ? 10 * h : 10 * h + 5));
  assert.equal(below(ratioReach({ ...sums, strata: apart })), below(stratified));
  const single = Int32Array.from(strata, (_, u) => u);
  assert.ok((below(ratioReach({ ...sums, strata: single })) ?? 0) > 0);
});

test('two sources are separated as in a two-way analysis of variance', () => {
  const { cells, spreads, mean, seeds, both, unitsBelow, unitsAbove } = fixture.twoWay;
  const numerators = cells.map((row) => Float64Array.from(row));
  const found = twoWay({ numerators, denominators: Float64Array.from(spreads), strata: null });
  assertClose(found.mean, mean, 'mean');
  const ofSeeds = studentQuantile(TAIL, 3) * Math.sqrt(seeds);
  assertClose(below(found.seeds), ofSeeds, 'seeds');
  // Four seeds are too few for the bootstrap, and 80 units enough to do without it.
  assertClose(below(found.units), unitsBelow, 'units');
  assertClose(found.units?.(TAIL).above, unitsAbove, 'units');
  assertClose(below(found.reach), Math.hypot(1.3 * ofSeeds * Math.sqrt(1 - both / seeds), unitsBelow), 'both');
});

test('partitions are corrected for the overlap of their training rows', () => {
  const { scores, testToTraining, half } = fixture.corrected;
  assertClose(below(partitionReach(Float64Array.from(scores), testToTraining)), half, 'half width');
  assert.equal(partitionReach(Float64Array.of(0.5), testToTraining), null);
});
