import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addBundles,
  addLines,
  type Edges,
  emptyDensity,
  paint,
  sumUp,
} from '../../../../../dashboards/web/charts/trials/density.ts';

const RED = [255, 0, 0] as const;
const BLUE = [0, 0, 255] as const;
const WIDTH = 20;
const HEIGHT = 40;
const BINS = 4;

/** Bins of so many pixels each, 0 at the foot. */
const edgesOf = (bins: number, size: number): Edges[] => [
  ...Array.from({ length: bins }, (_, bin): Edges => [size * (bins - bin - 1), size * (bins - bin)]),
  [size * bins - 1, size * bins],
];
const side = (bins: Uint16Array) => ({ bins, edges: edgesOf(BINS, 10) });
const gap = { from: 0, to: WIDTH };

/** Weight of a column of pixels. */
function columnOf({ height, sums }: ReturnType<typeof emptyDensity>, x: number): number[] {
  return Array.from({ length: height }, (_, y) => sums[4 * (x * (height + 2) + y)] as number);
}

test('in every column of pixels a density sums to the trials that pass', () => {
  const density = emptyDensity(WIDTH, HEIGHT);
  const left = Uint16Array.of(0, 1, 3, 3, 2, 4);
  const right = Uint16Array.of(3, 1, 0, 0, 2, 1);
  const colours = { classes: [RED], classOf: new Uint8Array(6) };
  addBundles(density, gap, side(left), side(right), null, colours);
  sumUp(density);
  for (let x = 0; x < WIDTH; x++) {
    const sum = columnOf(density, x).reduce((a, b) => a + b, 0);
    // Bands that climb past an edge of the picture leave a little outside it.
    assert.ok(sum > 5.2 && sum < 6.000001, `column ${x}: ${sum}`);
  }
});

test('a flat bundle is in its bin and nowhere else, with the mean colour of its trials', () => {
  const density = emptyDensity(WIDTH, HEIGHT);
  const bins = Uint16Array.of(2, 2, 2, 2);
  addBundles(density, gap, side(bins), side(bins), Uint8Array.of(1, 1, 1, 0), {
    classes: [RED, BLUE],
    classOf: Uint8Array.of(0, 0, 1, 1),
  });
  assert.ok(Math.abs(sumUp(density) - 0.3) < 1e-9, 'three trials over ten pixels');
  const column = columnOf(density, 7);
  for (const [y, weight] of column.entries())
    assert.ok(Math.abs(weight - (y >= 10 && y < 20 ? 0.3 : 0)) < 1e-9, `row ${y}: ${weight}`);
  const pixels = new Uint8ClampedArray(4 * WIDTH * HEIGHT);
  paint(density, { least: 0.1, most: 1, full: 0.3 }, pixels);
  const at = (y: number) => Array.from(pixels.subarray(4 * (y * WIDTH + 7), 4 * (y * WIDTH + 7) + 4));
  assert.deepEqual(at(15).slice(0, 3), [170, 0, 85]);
  assert.ok((at(15)[3] as number) > 100);
  assert.equal(at(5)[3], 0);
  assert.equal(at(25)[3], 0);
});

test('lines one by one run from place to place', () => {
  const density = emptyDensity(WIDTH, HEIGHT);
  const [from, to] = [
    [5, 30],
    [5, 10],
  ];
  addLines(density, gap, [(row) => from[row] as number, (row) => to[row] as number], Uint32Array.of(0, 1), 2, {
    classes: [RED],
    classOf: new Uint8Array(2),
  });
  sumUp(density);
  const first = columnOf(density, 0);
  assert.ok((first[5] as number) > 0.8 && (first[29] as number) > 0.3);
  assert.ok(columnOf(density, 10).findIndex((weight) => weight > 0.5) <= 5, 'the flat one stays');
  const last = columnOf(density, WIDTH - 1);
  assert.ok((last[10] as number) > 0.3 && (last[30] as number) < 1e-9, 'the steep one has climbed');
});

test('what is left of sums in the millions stays unseen', () => {
  const density = emptyDensity(2, HEIGHT);
  const many = 200_000;
  const bins = new Uint16Array(many).fill(3);
  addBundles(density, { from: 0, to: 2 }, side(bins), side(bins), null, {
    classes: [[251, 113, 7]],
    classOf: new Uint8Array(many),
  });
  sumUp(density);
  const pixels = new Uint8ClampedArray(4 * 2 * HEIGHT);
  paint(density, { least: 0.1, most: 1, full: many / 10 }, pixels);
  for (let y = 11; y < HEIGHT; y++) assert.equal(pixels[4 * (y * 2) + 3], 0, `row ${y}`);
});

test('a steep line leaves no gap from one column of pixels to the next, and is as heavy as a flat one', () => {
  const density = emptyDensity(2, HEIGHT);
  const colours = { classes: [RED], classOf: new Uint8Array(1) };
  addLines(density, { from: 0, to: 2 }, [() => 4, () => 36], Uint32Array.of(0), 2, colours);
  sumUp(density);
  const [first, second] = [columnOf(density, 0), columnOf(density, 1)] as [number[], number[]];
  for (let y = 4; y < 36; y++) assert.ok((first[y] as number) + (second[y] as number) > 0.05, `row ${y}`);
  for (const column of [first, second]) {
    assert.ok(Math.abs(column.reduce((a, b) => a + b, 0) - 2) < 1e-9);
    assert.ok(Math.max(...column) < 0.2, 'two pixels of it spread over eighteen');
  }
});

test('among hundreds of bands, too, a steep one is spread over what it climbs through', () => {
  const bins = 24;
  const tall = 2 * bins;
  const edges = edgesOf(bins, 2);
  // Each pair of bins once, and one of them, from foot to head, a million times.
  const many = 1_000_000;
  const left = new Uint16Array(bins * bins + many);
  const right = new Uint16Array(left.length).fill(bins - 1);
  for (let i = 0; i < bins * bins; i++) [left[i], right[i]] = [Math.floor(i / bins), i % bins];
  const density = emptyDensity(2, tall);
  const colours = { classes: [RED], classOf: new Uint8Array(left.length) };
  addBundles(density, { from: 0, to: 2 }, { bins: left, edges }, { bins: right, edges }, null, colours);
  sumUp(density);
  const column = columnOf(density, 0);
  for (let y = 25; y < tall - 1; y++) assert.ok((column[y] as number) > many / 30, `row ${y}: ${column[y]}`);
  const sum = column.reduce((a, b) => a + b, 0);
  assert.ok(Math.abs(sum / left.length - 1) < 1e-3, `${sum} of ${left.length} trials`);
  assert.ok(column.slice(0, 20).every((weight) => weight < bins * bins));
});
