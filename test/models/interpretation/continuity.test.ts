import assert from 'node:assert/strict';
import { test } from 'node:test';
import { continuity } from '../../../models/interpretation/continuity.ts';
import { packModel } from '../../../models/stored/model-file.ts';
import { createRandomModel, createUnevenData } from '../../support/models.ts';

const { scaling } = createUnevenData(50);
const D = scaling.x.kept.length;
const base = createRandomModel({ method: 'eca', k: 2, activation: 'gelu', layerNorm: false }, scaling);
const modelOf = (...rows: readonly (readonly number[])[]) => packModel({ ...base, components: Float32Array.from(rows.flat()) });
const unit = (d: number, sign = 1) => Array.from({ length: D }, (_, i) => (i === d ? sign : 0));
/** Between two axes. */
const turned = (from: number, to: number, degrees: number) => {
  const angle = (degrees * Math.PI) / 180;
  return Array.from({ length: D }, (_, i) => (i === from ? Math.cos(angle) : i === to ? Math.sin(angle) : 0));
};
const first = modelOf(unit(0), unit(1));

test('the same components keep name and sign', () => {
  const found = continuity(first, first, 2);
  assert.deepEqual(
    found?.components.map(({ component, was, sign, kept }) => [component, was, sign, kept]),
    [
      [1, 1, 1, true],
      [2, 2, 1, true],
    ],
  );
  assert.ok(found?.angles.every((angle) => angle < 1e-3));
});

test('components that changed their order and sign are reported', () => {
  const found = continuity(first, modelOf(turned(1, 2, 10), unit(0, -1)), 2);
  assert.deepEqual(
    found?.components.map(({ component, was, sign, degrees, kept }) => [component, was, sign, Math.round(degrees), kept]),
    [
      [1, 2, 1, 10, true],
      [2, 1, -1, 0, true],
    ],
  );
});

test('a component that turned away is another one', () => {
  const found = continuity(first, modelOf(unit(0), turned(1, 3, 60)), 2);
  assert.deepEqual(
    found?.components.map(({ component, was, kept }) => [component, was, kept]),
    [
      [1, 1, true],
      [2, 2, false],
    ],
  );
  assert.equal(Math.round(found?.angles[1] ?? 0), 60);
});

test("directions are compared in one model's units, whatever the other was standardised by", () => {
  // The same covector: its coefficients shrink where the spread grows.
  const wider = {
    ...scaling,
    x: { ...scaling.x, deviation: scaling.x.deviation.map((value, d) => (d === 0 ? 3 * value : value)) },
  };
  const length = Math.hypot(3, 1);
  const own = Array.from({ length: D }, (_, d) => (d < 2 ? Math.SQRT1_2 : 0));
  const theirs = Array.from({ length: D }, (_, d) => (d === 0 ? 3 / length : d === 1 ? 1 / length : 0));
  const found = continuity(
    packModel({ ...base, k: 1, components: Float32Array.from(own) }),
    packModel({ ...base, k: 1, components: Float32Array.from(theirs), scaling: wider }),
    1,
  );
  assert.ok((found?.components[0]?.degrees ?? 90) < 0.1, JSON.stringify(found));
});

test('a descriptor that only one of the models keeps counts as 0', () => {
  const { kept, mean, deviation } = scaling.x;
  const fewer = { ...scaling, x: { ...scaling.x, kept: kept.slice(1), mean: mean.slice(1), deviation: deviation.slice(1) } };
  const smaller = createRandomModel({ method: 'eca', k: 2, activation: 'gelu', layerNorm: false }, fewer);
  const pack = (...rows: number[][]) => packModel({ ...smaller, components: Float32Array.from(rows.flat()) });
  const axis = (d: number) => unit(d).slice(1);
  const names = (found: ReturnType<typeof continuity>) =>
    found?.components.map(({ component, was, kept: isKept }) => [component, was, isKept]);
  const same = [
    [1, 1, true],
    [2, 2, true],
  ];
  assert.deepEqual(names(continuity(modelOf(unit(1), unit(2)), pack(axis(1), axis(2)), 2)), same);
  assert.deepEqual(names(continuity(pack(axis(1), axis(2)), modelOf(unit(1), unit(2)), 2)), same);
  // The second component is the new descriptor alone.
  const found = continuity(pack(axis(1), axis(2)), modelOf(unit(1), unit(0)), 2);
  assert.deepEqual(names(found), [
    [1, 1, true],
    [2, 2, false],
  ]);
  assert.ok(found?.angles.every(Number.isFinite));
});

test('EDNN has no components', () => {
  const ednn = packModel(createRandomModel({ method: 'ednn', k: 2, activation: 'gelu', layerNorm: false }, scaling));
  assert.equal(continuity(ednn, ednn, 2), null);
});
