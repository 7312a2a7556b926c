import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Manifest } from '../../datasets/manifest.ts';
import { findOtherDescriptors, findOtherTarget } from '../../datasets/recipes.ts';

const HISTOGRAM = { file: 'a.xyz', kind: 'radial-histogram', site: 'Ge', neighbours: ['O'], cutoff: 5, bins: 10 } as const;
type Descriptors = Manifest['descriptors'];
const from = (changes: object): Descriptors => ({ from: { ...HISTOGRAM, neighbours: ['O'], ...changes } }) as Descriptors;
const table = (changes: object): Descriptors => ({ file: 'X.csv', columns: [{ name: 'r', unit: 'angstrom', ...changes }] });

test('settings that change what columns mean are found, with their key', () => {
  for (const [changes, path, message] of [
    [{ smearing: 0.3 }, 'descriptors.from.smearing', 'smearing is set, to 0.3'],
    [{ cutoff: 6 }, 'descriptors.from.cutoff', 'cutoff is 6, not 5'],
    [{ site: 'O' }, 'descriptors.from.site', 'site is "O", not "Ge"'],
  ] as const)
    assert.deepEqual(findOtherDescriptors(from({}), from(changes)), { path, message });
  assert.deepEqual(findOtherDescriptors(table({}), table({ unit: 'nm' })), {
    path: 'descriptors.columns.0.unit',
    message: 'of r, unit is "nm", not "angstrom"',
  });
});

test('other structures, and other columns, are not other settings', () => {
  const site = { site: { tags: 1 } };
  for (const changes of [{ file: 'b.xyz' }, { frames: { phase: 'liquid' } }])
    assert.equal(findOtherDescriptors(from({}), from(changes)), null);
  assert.equal(findOtherDescriptors(from(site), from({ site: { tags: 2 } })), null, 'atoms by tag differ between files');
  assert.equal(findOtherDescriptors(from({}), table({})), null);
});

test('targets: moments and units of energies', () => {
  const target = (about: object) => ({ targets: { w: about } }) as unknown as Manifest;
  const moments = (windows: object, each = ['area']) => target({ moments: { of: 'xes', windows, each } });
  assert.equal(findOtherTarget('w', moments({ a: [1, 2], b: [2, 3] }), moments({ b: [2, 3], a: [1, 2] })), null);
  assert.equal(findOtherTarget('w', moments({ a: [1, 2] }), moments({ a: [1, 3] }))?.path, 'targets.w.moments.windows');
  assert.equal(findOtherTarget('w', moments({ a: [1, 2] }), moments({ a: [1, 2] }, ['mean']))?.path, 'targets.w.moments.each');
  const spectra = (energyUnit: string) => target({ file: 'Y.npy', unit: 'counts', energyUnit });
  assert.deepEqual(findOtherTarget('w', spectra('eV'), spectra('keV')), {
    path: 'targets.w.energyUnit',
    message: 'energyUnit is "keV", not "eV"',
  });
  assert.equal(findOtherTarget('other', spectra('eV'), spectra('keV')), null);
});
