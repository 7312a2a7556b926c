import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findNameFault } from '../../search/names.ts';

test('names are short, and printable on one line', () => {
  for (const name of ['water', 'Water, 300 K (PBE0)', 'воды', '水']) assert.equal(findNameFault(name), null, name);
  for (const name of ['', '  ', 'n'.repeat(81), 'a\nb', 'a\u001b[2J', 'a\0', 'a\u200bb', 'a\u2028b'])
    assert.notEqual(findNameFault(name), null, JSON.stringify(name));
});
