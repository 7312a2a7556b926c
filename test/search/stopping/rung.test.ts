import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChooseSurvivors, decideFates, type RungTrial } from '../../../search/stopping/rung.ts';

const trial = (index: number, hash: string, more: Partial<RungTrial> = {}): RungTrial => ({
  ...{ index, cell: 'eca', partition: 0, configurationHash: hash, decided: null },
  ...more,
});
/** Chooses by the first letter of a hash. */
const chooseA: ChooseSurvivors<RungTrial> = (competitors) => competitors.filter(({ hash }) => hash.startsWith('a'));

test('cells, partitions and brackets compete by themselves, with the trials of each in their order', () => {
  const seen: string[] = [];
  const trials = [
    trial(5, 'b'),
    trial(4, 'b'),
    trial(1, 'a', { partition: 1 }),
    trial(0, 'a', { cell: 'ednn/1' }),
    trial(7, 'b'),
  ];
  const see: ChooseSurvivors<RungTrial> = (competitors, bracket) => {
    seen.push(`${bracket}: ${competitors.map(({ hash, trials }) => `${hash} ${trials.map(({ index }) => index)}`).join(', ')}`);
    return [];
  };
  assert.deepEqual(
    decideFates(trials, see, (index) => (index === 7 ? 1 : 0)),
    { promoted: [], pruned: [0, 1, 4, 5, 7] },
  );
  assert.deepEqual(seen.sort(), ['0: a 0', '0: a 1', '0: b 4,5', '1: b 7']);
});

test('siblings share a fate: that which was decided first, if any was', () => {
  const trials = [
    trial(0, 'a1', { decided: 'pruned' }),
    trial(1, 'a1'),
    trial(2, 'b1'),
    trial(3, 'b1', { decided: 'promoted' }),
    trial(4, 'a2'),
    trial(5, 'a2'),
  ];
  assert.deepEqual(decideFates(trials, chooseA), { promoted: [2, 4, 5], pruned: [1] });
});

test('a trial that completed before the rung needs no decision, and makes none', () => {
  const trials = [trial(0, 'a', { decided: 'completed' }), trial(1, 'a'), trial(2, 'b', { decided: 'completed' }), trial(3, 'b')];
  assert.deepEqual(decideFates(trials, chooseA), { promoted: [1], pruned: [3] });
});
