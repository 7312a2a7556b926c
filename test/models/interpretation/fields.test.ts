import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldOf, gridOver } from '../../../models/interpretation/fields.ts';
import { matrixOf, noise } from '../../support/data.ts';

test('a grid knows the convex region: of a tetrahedron a sixth of its box', () => {
  const corners = [0, 0, 0, 10, 0, 0, 0, 20, 0, 0, 0, 30];
  const grid = gridOver({ rows: 4, columns: 3, data: Float32Array.from(corners) }, 41);
  assert.ok(grid);
  assert.deepEqual(
    grid.axes.map(({ from, to }) => [from, to]),
    [
      [0, 10],
      [0, 20],
      [0, 30],
    ],
  );
  const share = grid.inside.length / 41 ** 3;
  assert.ok(Math.abs(share - 1 / 6) < 0.02, String(share));
  for (let i = 0; i < grid.points.rows; i++) {
    const [a, b, c] = grid.points.data.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number];
    assert.ok(a / 10 + b / 20 + c / 30 <= 1 + 1e-6);
  }
});

test('every structure is within the region of its own data', () => {
  const x = noise(300, 3, 'structures');
  const grid = gridOver(x, 24);
  assert.ok(grid);
  const field = fieldOf(
    grid,
    Float32Array.from({ length: grid.inside.length }, (_, i) => i),
  );
  const finite = [...field.values].filter(Number.isFinite);
  assert.deepEqual(finite, [...Array(grid.inside.length).keys()]);
  assert.ok(grid.inside.length > 0.2 * 24 ** 3 && grid.inside.length < 0.8 * 24 ** 3);
});

test('structures in a plane span no volume', () => {
  assert.equal(
    gridOver(
      matrixOf(50, 3, (row, d) => (d === 2 ? 1 : Math.sin(row * (d + 1)))),
      8,
    ),
    null,
  );
  const flat = noise(50, 2, 'plane');
  assert.equal(
    gridOver(
      matrixOf(50, 3, (row, d) => (d === 2 ? (flat.data[2 * row] as number) : (flat.data[2 * row + d] as number))),
      8,
    ),
    null,
  );
});
