import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseWidths } from '../../activities/choose-widths.ts';
import { specOf } from '../search/specs.ts';
import { memoryStore } from './memory-store.ts';

const SPEC = specOf({ space: { k: { auto: { max: 4, margin: 0.01 } } }, seeds: 12, class: { eca: 'large' } });
const GROUPS = [['ednn', 'nnca'], ['eca']] as const;
const AT = { sweepId: 's1', groups: GROUPS, goesOn: true };

const scores = (validation: number) => [
  { seed: 1, validation },
  { seed: 2, validation },
];

/** A sweep whose cells have so many trials, and whose widths from 2 on suffice. */
function sweepWith(trials: Readonly<Record<string, number>>) {
  const store = memoryStore('s1', SPEC);
  return Object.assign(store, {
    trialsByCell: async () => new Map(Object.entries(trials)),
    widthScores: async () => ({
      emulator: scores(0.95),
      cells: (['ednn', 'nnca'] as const).flatMap((method) =>
        Object.keys(trials).flatMap((cell) => {
          const k = Number(cell.split('/')[1]);
          return cell.startsWith(method) ? [{ method, k, scores: scores(k >= 2 ? 0.945 : 0.5) }] : [];
        }),
      ),
    }),
  });
}

test('a search begins with the narrowest widths and the emulator, by route', async () => {
  const chosen = await chooseWidths(sweepWith({}), AT);
  assert.deepEqual(chosen, { cells: ['ednn/1', 'nnca/1', 'eca'], entrants: [24, 12] });
});

test('cells with trials that have no row come first, unless only failed ones are retried', async () => {
  const store = sweepWith({ 'ednn/1': 12, 'nnca/1': 7, eca: 12 });
  assert.deepEqual(await chooseWidths(store, AT), { cells: ['nnca/1'], entrants: [12, 0] });
  assert.deepEqual(await chooseWidths(store, { ...AT, goesOn: false }), { cells: [], entrants: [0, 0] });
  assert.equal(store.cellLimits, null);
});

test('cells that no step can ask for are left out, and opened again where scores have changed', async () => {
  const store = sweepWith({ 'ednn/1': 12, 'nnca/1': 12, eca: 12 });
  assert.deepEqual(await chooseWidths(store, AT), { cells: ['ednn/2', 'nnca/2'], entrants: [24, 0] });
  const done = sweepWith({ 'ednn/1': 12, 'nnca/1': 12, 'ednn/2': 12, 'nnca/2': 12, eca: 12 });
  assert.deepEqual(await chooseWidths(done, AT), { cells: [], entrants: [0, 0] });
  assert.deepEqual(done.cellLimits, { 'ednn/3': 0, 'ednn/4': 0, 'nnca/3': 0, 'nnca/4': 0 });
  const { widthScores } = done;
  done.widthScores = async () => ({ ...(await widthScores()), emulator: scores(0.99) });
  assert.deepEqual(await chooseWidths(done, AT), { cells: ['ednn/4', 'nnca/4'], entrants: [24, 0] });
  assert.deepEqual(done.cellLimits, { 'ednn/3': 0, 'nnca/3': 0 });
});
