import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ArraySource } from '../../../datasets/formats/array-source.ts';
import { type Delimiter, openCsv } from '../../../datasets/formats/csv.ts';
import { wholeMatrix } from '../../support/data.ts';
import { chunksOf } from '../../support/structures.ts';
import { wholeColumn } from '../../support/whole.ts';

/** What is read of a text does not depend on where the pieces end in which it comes. */
async function reading<T>(
  text: string,
  read: (source: ArraySource) => Promise<T>,
  delimiter: Delimiter = ',',
  selection?: string,
): Promise<T> {
  const whole = await read(openCsv(() => chunksOf(text), 'a.csv', delimiter, selection));
  for (const bytes of [1, 2, 3, 7]) {
    assert.deepEqual(
      await read(openCsv(() => chunksOf(text, bytes), 'a.csv', delimiter, selection)),
      whole,
      `pieces of ${bytes}`,
    );
  }
  return whole;
}

const readCsv = (text: string, selection?: string) => reading(text, (source) => wholeMatrix(source.matrix()), ',', selection);
const readColumn = (text: string, column?: string) => reading(text, (source) => wholeColumn(source.column(column)));
const readTable = (text: string, delimiter: Delimiter = ',') =>
  reading(
    text,
    async (source) => {
      const header = (await source.header()) as readonly string[];
      const columns = await Promise.all(header.map((column) => wholeColumn(source.column(column))));
      return { header, rows: Array.from(columns[0] as string[], (_, row) => columns.map((column) => column[row])) };
    },
    delimiter,
  );

test('quoted fields, empty fields, either line ending, a byte order mark', async () => {
  const text = '\uFEFFid,"a, b",c\r\n1,"say ""no""",\r\n,"",3\n"two\nlines",x,y';
  assert.deepEqual(await readTable(text), {
    header: ['id', 'a, b', 'c'],
    rows: [
      ['1', 'say "no"', ''],
      ['', '', '3'],
      ['two\nlines', 'x', 'y'],
    ],
  });
});

test('empty lines at the end do not count', async () => {
  assert.deepEqual(await readColumn('id\na\nb\n\n\n'), ['a', 'b']);
});

test('numbers, without rounding', async () => {
  const data = await reading('e\n 8979.0001\n-1e-3\n', (source) => source.numbers());
  assert.deepEqual([...data], [8979.0001, -1e-3]);
});

test('a header of energies', async () => {
  assert.deepEqual([...(await readCsv('513.0,513.15\n1,2\n')).data], [1, 2]);
});

test('NaN and infinities are numbers, for the caller to refuse', async () => {
  assert.deepEqual([...(await readCsv('a,b,c\nnan,-inf,Infinity\n')).data], [NaN, -Infinity, Infinity]);
});

test('a column by name, the only one, or the one called id', async () => {
  assert.deepEqual(await readColumn('id,snapshot\n1,a\n2,b\n', 'snapshot'), ['a', 'b']);
  assert.deepEqual(await readColumn('name,id\nx,1\ny,2\n'), ['1', '2']);
  assert.deepEqual(await readColumn('name\nx\n'), ['x']);
});

test('tabs, where commas are text; quotes all the same', async () => {
  assert.deepEqual((await readTable('id\ta, b\n1\t"x\ty"\n2\t3,5\n', '\t')).rows, [
    ['1', 'x\ty'],
    ['2', '3,5'],
  ]);
});

test('any line ending, one of them alone', async () => {
  for (const end of ['\n', '\r\n', '\r']) {
    assert.deepEqual([...(await readCsv(`a,b${end}1,2${end}3,4${end}`)).data], [1, 2, 3, 4]);
    assert.deepEqual([...(await readCsv(`a,b${end}1,2${end}3,4`)).data], [1, 2, 3, 4]);
  }
});

test('chosen columns, in their order; the others need not be numbers', async () => {
  const text = 'id,e_2,b,e_1\nx,2,7,1\ny,4,8,3\n';
  const { rows, columns, data } = await readCsv(text, 'b,e_*');
  assert.deepEqual([rows, columns, [...data]], [2, 3, [7, 2, 1, 8, 4, 3]]);
  assert.deepEqual(await reading(text, (source) => source.header(), ',', 'b,e_*'), ['b', 'e_2', 'e_1']);
});

describe('refuses, and says where', () => {
  const refused: [string, () => Promise<unknown>, RegExp][] = [
    ['an empty file', () => readCsv(''), /a\.csv: the file is empty/],
    ['a row too short', () => readCsv('a,b\n1,2\n3\n'), /row 1 has 1 columns, the header has 2/],
    ['a line left empty', () => readCsv('a,b\n\n3,4\n'), /row 0 has 1 columns/],
    ['text for a number', () => readCsv('a,b\n1,2\n3,x\n'), /row 1, column 1 \("b"\) is "x", no number/],
    ['an empty field for a number', () => readCsv('a,b\n1,\n'), /row 0, column 1 \("b"\) is "", no number/],
    ['a header that is a row', () => readCsv('104.5,0.96,0.95\n103,0.97,0.94\n'), /first line holds numbers/],
    ['a column without header', () => readCsv('513\n514\n'), /first line holds numbers/],
    ['an open quote', () => readTable('a\n"b'), /row 0 has a quoted field that is not closed/],
    ['an open quote in the header', () => readTable('"a\nb\n'), /the header has a quoted field that is not closed/],
    ['text behind a quote', () => readTable('a\n"b"c\n'), /row 0 has text behind a closing quote/],
    ['a chosen column that is not there', () => readCsv('a,b\n1,2\n', 'a,c'), /it has no column "c"/],
    ['a chosen column that is there twice', () => readCsv('a,b,a\n1,2,3\n', 'a'), /2 of its columns are called "a"/],
    ['a column named twice', () => readCsv('a,b\n1,2\n', 'a,a'), /the column "a" is named twice/],
    ['text in a chosen column', () => readCsv('a,b\n1,x\n', 'b'), /row 0, column 1 \("b"\) is "x", no number/],
    ['an unknown column', () => readColumn('a,b\n1,2\n', 'c'), /it has no column "c"/],
  ];
  for (const [what, read, message] of refused) {
    test(what, () => assert.rejects(read, { code: 'array-invalid', path: 'a.csv', message }));
  }
});
