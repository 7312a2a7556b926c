import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellName, type Method } from '../../../models/methods/catalogue.ts';
import { begunCells, decideStep, searchOf } from '../../../search/widths/steps.ts';
import { specOf } from '../specs.ts';

const SPEC = specOf({ space: { k: { auto: { max: 8 } } } });

const score = (validation: number) => [
  { seed: 1, validation },
  { seed: 2, validation },
];
const scored = (method: Method, k: number, validation: number) => ({ method, k, scores: score(validation) });

const begunWith = (...names: readonly string[]) => begunCells(SPEC, (cell) => names.includes(cell));

test('a spec that states widths has no search', () => {
  assert.equal(searchOf(specOf(), []), null);
  assert.deepEqual(searchOf(SPEC, []), { margin: 0.01, max: 8, cells: [] });
});

test('the first step trains the narrowest widths, and the fits that cover all ranks', () => {
  assert.deepEqual(begunWith().map(cellName), ['ednn/1', 'nnca/1', 'eca']);
  assert.deepEqual(begunWith('nnca/4').map(cellName), ['ednn/1', 'nnca/1', 'nnca/4', 'eca']);
});

test('each method goes on by itself, and widths are left out as soon as no step can need them', () => {
  const scores = [scored('ednn', 1, 0.5), scored('nnca', 1, 0.5), scored('eca', 8, 0.94)];
  const begun: string[] = [];
  const steps: [string, string][] = [];
  for (;;) {
    const { train, leaveOut } = decideStep(SPEC, begunWith(...begun), { emulator: score(0.95), cells: scores });
    steps.push([train.map(cellName).join(), leaveOut.map(cellName).join()]);
    if (train.length === 0) break;
    begun.push(...train.map(cellName));
    for (const { method, k } of train) scores.push(scored(method, k, k >= (method === 'ednn' ? 2 : 3) ? 0.945 : 0.6));
  }
  const wide = 'ednn/3,ednn/4,ednn/5,ednn/6,ednn/7,ednn/8';
  assert.deepEqual(steps, [
    ['ednn/2,nnca/2', ''],
    ['nnca/4', wide],
    ['nnca/3', `${wide},nnca/5,nnca/6,nnca/7,nnca/8`],
    ['', `${wide},nnca/5,nnca/6,nnca/7,nnca/8`],
  ]);
});

test('without a score of an emulator the search ends', () => {
  const { train, leaveOut } = decideStep(SPEC, begunWith(), { emulator: [], cells: [scored('ednn', 1, 0.5)] });
  assert.deepEqual([train, leaveOut.length], [[], 14]);
});
