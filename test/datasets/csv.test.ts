import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readColumn, readCsv, readHeader, readTable } from '../../datasets/csv.ts';

test('quoted fields, empty fields, either line ending, a byte order mark', () => {
  const text = '\uFEFFid,"a, b",c\r\n1,"say ""no""",\r\n,"",3\n"two\nlines",x,y';
  assert.deepEqual(readTable(text, 'a.csv'), {
    header: ['id', 'a, b', 'c'],
    rows: [
      ['1', 'say "no"', ''],
      ['', '', '3'],
      ['two\nlines', 'x', 'y'],
    ],
  });
});

test('empty lines at the end do not count', () => {
  assert.deepEqual(readColumn('id\na\nb\n\n\n', 'a.csv'), ['a', 'b']);
});

test('numbers, without rounding', () => {
  const { rows, columns, data } = readCsv('e\n 8979.0001\n-1e-3\n', 'a.csv');
  assert.deepEqual([rows, columns, [...data]], [2, 1, [8979.0001, -1e-3]]);
});

test('a header of energies', () => {
  assert.deepEqual([...readCsv('513.0,513.15\n1,2\n', 'a.csv').data], [1, 2]);
});

test('NaN and infinities are numbers, for the caller to refuse', () => {
  assert.deepEqual([...readCsv('a,b,c\nnan,-inf,Infinity\n', 'a.csv').data], [NaN, -Infinity, Infinity]);
});

test('a column by name, the only one, or the one called id', () => {
  assert.deepEqual(readColumn('id,snapshot\n1,a\n2,b\n', 'a.csv', 'snapshot'), ['a', 'b']);
  assert.deepEqual(readColumn('name,id\nx,1\ny,2\n', 'a.csv'), ['1', '2']);
  assert.deepEqual(readColumn('name\nx\n', 'a.csv'), ['x']);
});

test('tabs, where commas are text; quotes all the same', () => {
  assert.deepEqual(readTable('id\ta, b\n1\t"x\ty"\n2\t3,5\n', 'a.tsv', '\t').rows, [
    ['1', 'x\ty'],
    ['2', '3,5'],
  ]);
});

test('any line ending, one of them alone', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    assert.deepEqual([...readCsv(`a,b${end}1,2${end}3,4${end}`, 'a.csv').data], [1, 2, 3, 4]);
    assert.deepEqual([...readCsv(`a,b${end}1,2${end}3,4`, 'a.csv').data], [1, 2, 3, 4]);
  }
});

test('chosen columns, in their order; the others need not be numbers', () => {
  const text = 'id,e_2,b,e_1\nx,2,7,1\ny,4,8,3\n';
  const { rows, columns, data } = readCsv(text, 'a.csv', ',', 'b,e_*');
  assert.deepEqual([rows, columns, [...data]], [2, 3, [7, 2, 1, 8, 4, 3]]);
  assert.deepEqual(readHeader(text, 'a.csv', ',', 'b,e_*'), ['b', 'e_2', 'e_1']);
});

describe('refuses, and says where', () => {
  const refused: [string, () => unknown, RegExp][] = [
    ['an empty file', () => readCsv('', 'a.csv'), /a\.csv: the file is empty/],
    ['a row too short', () => readCsv('a,b\n1,2\n3\n', 'a.csv'), /row 1 has 1 columns, the header has 2/],
    ['a line left empty', () => readCsv('a,b\n\n3,4\n', 'a.csv'), /row 0 has 1 columns/],
    ['text for a number', () => readCsv('a,b\n1,2\n3,x\n', 'a.csv'), /row 1, column 1 \("b"\) is "x", no number/],
    ['an empty field for a number', () => readCsv('a,b\n1,\n', 'a.csv'), /row 0, column 1 \("b"\) is "", no number/],
    ['a header that is a row', () => readCsv('104.5,0.96,0.95\n103,0.97,0.94\n', 'a.csv'), /first line holds numbers/],
    ['a column without header', () => readCsv('513\n514\n', 'a.csv'), /first line holds numbers/],
    ['an open quote', () => readTable('a\n"b', 'a.csv'), /row 0 has a quoted field that is not closed/],
    ['an open quote in the header', () => readTable('"a\nb\n', 'a.csv'), /the header has a quoted field that is not closed/],
    ['text behind a quote', () => readTable('a\n"b"c\n', 'a.csv'), /row 0 has text behind a closing quote/],
    ['a chosen column that is not there', () => readCsv('a,b\n1,2\n', 'a.csv', ',', 'a,c'), /it has no column "c"/],
    [
      'a chosen column that is there twice',
      () => readCsv('a,b,a\n1,2,3\n', 'a.csv', ',', 'a'),
      /2 of its columns are called "a"/,
    ],
    ['a column named twice', () => readCsv('a,b\n1,2\n', 'a.csv', ',', 'a,a'), /the column "a" is named twice/],
    ['text in a chosen column', () => readCsv('a,b\n1,x\n', 'a.csv', ',', 'b'), /row 0, column 1 \("b"\) is "x", no number/],
    ['an unknown column', () => readColumn('a,b\n1,2\n', 'a.csv', 'c'), /it has no column "c"/],
  ];
  for (const [what, read, message] of refused) {
    test(what, () => assert.throws(read, { code: 'array-invalid', path: 'a.csv', message }));
  }
});
