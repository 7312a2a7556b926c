import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isosurface, type Surface } from '../../../../../dashboards/web/charts/fields/marching.ts';
import type { Field } from '../../../../../models/interpretation/fields.ts';

const POINTS = 25;

function fieldFrom(value: (x: number, y: number, z: number) => number): Field {
  const axis = { from: 3, to: 7, points: POINTS };
  const values: number[] = [];
  const at = (i: number) => i / (POINTS - 1);
  for (let i = 0; i < POINTS; i++)
    for (let j = 0; j < POINTS; j++) for (let k = 0; k < POINTS; k++) values.push(value(at(i), at(j), at(k)));
  return { axes: [axis, axis, axis], values: Float32Array.from(values) };
}

const point = ({ positions }: Surface, vertex: number) =>
  [positions[3 * vertex], positions[3 * vertex + 1], positions[3 * vertex + 2]] as [number, number, number];

function* trianglesOf(surface: Surface) {
  for (let t = 0; t < surface.triangles.length; t += 3) {
    yield [0, 1, 2].map((i) => surface.triangles[t + i] as number) as [number, number, number];
  }
}

/** Signed: positive where triangles face outwards. */
function volumeOf(surface: Surface): number {
  let volume = 0;
  for (const vertices of trianglesOf(surface)) {
    const [a, b, c] = vertices.map((vertex) => point(surface, vertex)) as [number, number, number][] as [
      [number, number, number],
      [number, number, number],
      [number, number, number],
    ];
    volume += (a[0] * (b[1] * c[2] - b[2] * c[1]) + a[1] * (b[2] * c[0] - b[0] * c[2]) + a[2] * (b[0] * c[1] - b[1] * c[0])) / 6;
  }
  return volume;
}

const radius = (x: number, y: number, z: number) => Math.hypot(x - 0.5, y - 0.5, z - 0.5);

describe('isosurfaces', () => {
  it('of a distance are spheres: the volume, every vertex at the radius, facing where the field is higher', () => {
    const surface = isosurface(fieldFrom(radius), 0.35);
    const wanted = (4 / 3) * Math.PI * 0.35 ** 3;
    const volume = volumeOf(surface);
    assert.ok(Math.abs(volume / wanted - 1) < 0.01, `${volume} for ${wanted}`);
    for (let vertex = 0; vertex < surface.positions.length / 3; vertex++) {
      assert.ok(Math.abs(radius(...point(surface, vertex)) - 0.35) < 0.003);
    }
    assert.ok(
      volumeOf(
        isosurface(
          fieldFrom((x, y, z) => -radius(x, y, z)),
          -0.35,
        ),
      ) < 0,
    );
  });

  it('are closed: every edge has two triangles, and the pieces fit as those of a sphere do', () => {
    const surface = isosurface(fieldFrom(radius), 0.35);
    const edges = new Map<string, number>();
    for (const [a, b, c] of trianglesOf(surface)) {
      for (const [p, q] of [
        [a, b],
        [b, c],
        [c, a],
      ] as const) {
        const name = `${Math.min(p, q)} ${Math.max(p, q)}`;
        edges.set(name, (edges.get(name) ?? 0) + 1);
      }
    }
    assert.ok([...edges.values()].every((count) => count === 2));
    assert.equal(surface.positions.length / 3 - edges.size + surface.triangles.length / 3, 2);
  });

  it('of a plane are on that plane, through grid points as well', () => {
    const surface = isosurface(
      fieldFrom((x) => x),
      0.5,
    );
    assert.ok(surface.triangles.length > 0);
    for (let vertex = 0; vertex < surface.positions.length / 3; vertex++) {
      assert.ok(Math.abs((surface.positions[3 * vertex] as number) - 0.5) < 1e-6);
    }
  });

  it('end where nothing is known, and are empty where the level is nowhere', () => {
    const half = isosurface(
      fieldFrom((x, y, z) => (z > 0.5 ? Number.NaN : radius(x, y, z))),
      0.35,
    );
    assert.ok(half.triangles.length > 0);
    for (let vertex = 0; vertex < half.positions.length / 3; vertex++) {
      assert.ok((half.positions[3 * vertex + 2] as number) <= 0.5);
    }
    assert.equal(isosurface(fieldFrom(radius), 9).triangles.length, 0);
  });
});
