import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvCell } from '../../text/csv.ts';

/** Reads a cell as a reader of RFC 4180 does. */
const parsed = (cell: string) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
/** The pattern that the guide names. */
const restored = (text: string) => text.replace(/^'(?=['"\s]*[=+\-@＝＋－＠\t\r])/, '');

test('a text that a spreadsheet would run starts with an apostrophe, and can be restored', () => {
  for (const text of [
    '=1+1',
    '+1+1',
    '-1+1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    ' =1',
    '"=1',
    "'=1",
    "''=1",
    '＝1',
    '-x',
    '-',
    '\n=1',
  ]) {
    const cell = csvCell(text);
    assert.equal(parsed(cell), `'${text}`, JSON.stringify(text));
    assert.equal(restored(parsed(cell)), text);
  }
});

test('other texts stay as they are', () => {
  for (const text of ['', 'water', '64-64', 'a=b', "'quoted'", "d'Alembert", '-1.5', '+2e-3', '-.5', ' -7 ', 'a\tb', '# -1']) {
    assert.equal(parsed(csvCell(text)), text, JSON.stringify(text));
    assert.equal(restored(parsed(csvCell(text))), text);
  }
});

test('separators, quotes and line breaks are quoted', () => {
  assert.deepEqual(['a,b', 'a"b', 'a\nb', 'a\rb', 'a;=1'].map(csvCell), ['"a,b"', '"a""b"', '"a\nb"', '"a\rb"', '"a;=1"']);
});
