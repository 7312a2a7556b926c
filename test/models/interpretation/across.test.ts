import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKernelEngine } from '../../../models/engines/kernel/engine.ts';
import { agreementAcross } from '../../../models/interpretation/across.ts';
import { unstandardize } from '../../../models/standardisation.ts';
import type { TrialReport } from '../../../models/training/report.ts';
import type { PackData } from '../../../models/training/task.ts';
import { matrixOf, noise, packDataOf, taskOf, unwatched } from '../../support/data.ts';

/**
 * y = g(w'x) of descriptors whose spread hangs on `spread`, as another generation of structures has
 * another one.
 */
function generation(spread: readonly number[], seed: number, w = [0.8, 0.6, 0]): PackData {
  const z = noise(500, 3, 'structures', seed);
  const x = matrixOf(500, 3, (row, d) => 10 + (spread[d] as number) * (z.data[3 * row + d] as number));
  const y = matrixOf(500, 4, (row, e) =>
    Math.tanh(w.reduce((sum, weight, d) => sum + weight * ((x.data[3 * row + d] as number) - 10), 0) + e / 4),
  );
  return packDataOf(x, y, seed);
}

async function modelOf(data: PackData, method: 'nnca' | 'ednn'): Promise<Uint8Array> {
  const engine = createKernelEngine({ threads: 1 });
  const [report] = (await engine.train({ data, tasks: [taskOf({ method, k: 1, epochs: 60 })] }, unwatched())) as Extract<
    TrialReport,
    { outcome: 'completed' }
  >[];
  await engine.close();
  return (report as { model: Uint8Array }).model;
}

const first = generation([1, 1, 1], 1);
const hotter = generation([2, 0.7, 1.5], 2);
const x = unstandardize(first.x, first.scaling.x);

test('NNCA finds one direction in two generations of structures, whatever each was standardised by', async () => {
  const [a, b] = [await modelOf(first, 'nnca'), await modelOf(hotter, 'nnca')];
  const found = agreementAcross(a, b, 1, x);
  assert.ok(found.kind === 'principal-angles' && (found.angles[0] as number) < 2, JSON.stringify(found));
  const stranger = await modelOf(generation([1, 1, 1], 3, [0, 0, 1]), 'nnca');
  const apart = agreementAcross(a, stranger, 1, x);
  assert.ok(apart.kind === 'principal-angles' && (apart.angles[0] as number) > 80, JSON.stringify(apart));
});

test("EDNN's latents are compared on the same structures, both ways", async () => {
  const found = agreementAcross(await modelOf(first, 'ednn'), await modelOf(hotter, 'ednn'), 1, x);
  assert.ok(found.kind === 'latents' && Math.min(...found.r2) > 0.95 && found.cka > 0.8, JSON.stringify(found));
});

test('other descriptors: refused', async () => {
  const a = await modelOf(first, 'nnca');
  const wide = packDataOf(noise(300, 4, 'wide'), noise(300, 2, 'y'));
  assert.throws(() => agreementAcross(a, a.slice(0, 10), 1, x), { code: 'model-damaged' });
  const other = await modelOf(wide, 'nnca');
  assert.throws(() => agreementAcross(a, other, 1, x), { code: 'descriptors-differ' });
});
