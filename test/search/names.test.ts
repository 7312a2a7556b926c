import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findNameFault, requireName } from '../../search/names.ts';

test('names are short, and printable on one line', () => {
  for (const name of ['water', 'Water, 300 K (PBE0)', 'воды', '水']) assert.equal(findNameFault(name), null, name);
  for (const name of ['', '  ', 'n'.repeat(81), 'a\nb', 'a\u001b[2J', 'a\0', 'a\u200bb', 'a\u2028b'])
    assert.notEqual(findNameFault(name), null, JSON.stringify(name));
});

test('a name that is refused says why', () => {
  assert.doesNotThrow(() => requireName('water'));
  assert.throws(() => requireName('a\u001b[2J'), { code: 'name-invalid', path: 'name', message: /control/ });
  assert.equal(findNameFault('n'.repeat(200), 200), null);
  assert.match(findNameFault('n'.repeat(201), 200) ?? '', /200 are possible/);
});
