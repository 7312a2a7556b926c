import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ArraySource } from '../../../datasets/formats/array-format.ts';
import { csv, tsv } from '../../../datasets/formats/csv.ts';
import { wholeMatrix } from '../../support/data.ts';
import { chunksOf } from '../../support/structures.ts';
import { arrayInput, wholeColumn, wholeNumbers } from '../../support/whole.ts';

/** Reads a text in pieces of several sizes, and checks that the result does not depend on them. */
async function reading<T>(
  text: string,
  read: (source: ArraySource) => Promise<T>,
  { format = csv, selection }: { format?: typeof csv; selection?: string | undefined } = {},
): Promise<T> {
  const input = { ...arrayInput('a.csv', () => chunksOf(text)), member: selection };
  const whole = await read(format.open(input));
  for (const bytes of [1, 2, 3, 7]) {
    const split = format.open({ ...input, bytes: () => chunksOf(text, bytes) });
    assert.deepEqual(await read(split), whole, `pieces of ${bytes}`);
  }
  return whole;
}

const readCsv = (text: string, selection?: string) => reading(text, (source) => wholeMatrix(source.rows(2)), { selection });
const textOf = (source: ArraySource, name?: string) => wholeColumn(source.column?.(name) ?? assert.fail('no text'));
const readColumn = (text: string, column?: string) => reading(text, (source) => textOf(source, column));
const readTable = (text: string, format = csv) =>
  reading(
    text,
    async (source) => {
      const header = (await source.header?.()) ?? [];
      const columns = await Promise.all(header.map((column) => textOf(source, column)));
      return { header, rows: Array.from(columns[0] ?? [], (_, row) => columns.map((column) => column[row])) };
    },
    { format },
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

test('empty lines at the end are ignored', async () => {
  assert.deepEqual(await readColumn('id\na\nb\n\n\n'), ['a', 'b']);
});

test('numbers, without rounding', async () => {
  const data = await reading('e\n 8979.0001\n-1e-3\n', (source) => wholeNumbers(source.numbers()));
  assert.deepEqual(data, [8979.0001, -1e-3]);
});

test('a header of energies', async () => {
  assert.deepEqual([...(await readCsv('513.0,513.15\n1,2\n')).data], [1, 2]);
});

test('NaN and infinities are parsed, for the caller to refuse', async () => {
  assert.deepEqual([...(await readCsv('a,b,c\nnan,-inf,Infinity\n')).data], [NaN, -Infinity, Infinity]);
});

test('a column is read by name; by default the only one, or the one named id', async () => {
  assert.deepEqual(await readColumn('id,snapshot\n1,a\n2,b\n', 'snapshot'), ['a', 'b']);
  assert.deepEqual(await readColumn('name,id\nx,1\ny,2\n'), ['1', '2']);
  assert.deepEqual(await readColumn('name\nx\n'), ['x']);
});

test('in a table with tabs commas are text, and quotes work as in csv', async () => {
  assert.deepEqual((await readTable('id\ta, b\n1\t"x\ty"\n2\t3,5\n', tsv)).rows, [
    ['1', 'x\ty'],
    ['2', '3,5'],
  ]);
});

test('each line ending is accepted, \\r alone too', async () => {
  for (const end of ['\n', '\r\n', '\r']) {
    assert.deepEqual([...(await readCsv(`a,b${end}1,2${end}3,4${end}`)).data], [1, 2, 3, 4]);
    assert.deepEqual([...(await readCsv(`a,b${end}1,2${end}3,4`)).data], [1, 2, 3, 4]);
  }
});

test('selected columns come in their order; the others need not be numeric', async () => {
  const text = 'id,e_2,b,e_1\nx,2,7,1\ny,4,8,3\n';
  const { rows, columns, data } = await readCsv(text, 'b,e_*');
  assert.deepEqual([rows, columns, [...data]], [2, 3, [7, 2, 1, 8, 4, 3]]);
  assert.deepEqual(await reading(text, async (source) => source.header?.(), { selection: 'b,e_*' }), ['b', 'e_2', 'e_1']);
});

describe('invalid tables are refused with their position', () => {
  const refused: [string, () => Promise<unknown>, RegExp][] = [
    ['an empty file', () => readCsv(''), /a\.csv: the file is empty/],
    ['a row too short', () => readCsv('a,b\n1,2\n3\n'), /row 1 has 1 columns, the header has 2/],
    ['an empty line between rows', () => readCsv('a,b\n\n3,4\n'), /row 0 has 1 columns/],
    ['text for a number', () => readCsv('a,b\n1,2\n3,x\n'), /row 1, column 1 \("b"\) is not a valid number: "x"/],
    ['an empty field for a number', () => readCsv('a,b\n1,\n'), /row 0, column 1 \("b"\) is not a valid number: ""/],
    ['a row instead of a header', () => readCsv('104.5,0.96,0.95\n103,0.97,0.94\n'), /first line contains numbers/],
    ['a column without a header', () => readCsv('513\n514\n'), /first line contains numbers/],
    ['an open quote', () => readTable('a\n"b'), /row 0 has a quoted field that is not closed/],
    ['an open quote in the header', () => readTable('"a\nb\n'), /the header has a quoted field that is not closed/],
    ['text after a quote', () => readTable('a\n"b"c\n'), /row 0 has text after a closing quote/],
    ['a selected column that does not exist', () => readCsv('a,b\n1,2\n', 'a,c'), /it has no column "c"/],
    ['a selected name of two columns', () => readCsv('a,b,a\n1,2,3\n', 'a'), /2 of its columns are named "a"/],
    ['a column selected twice', () => readCsv('a,b\n1,2\n', 'a,a'), /the column "a" is named twice/],
    ['text in a selected column', () => readCsv('a,b\n1,x\n', 'b'), /row 0, column 1 \("b"\) is not a valid number: "x"/],
    ['an unknown column', () => readColumn('a,b\n1,2\n', 'c'), /it has no column "c"/],
  ];
  for (const [what, read, message] of refused) {
    test(what, () => assert.rejects(read, { code: 'array-invalid', path: 'a.csv', message }));
  }
});
