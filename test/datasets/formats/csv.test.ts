import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ArraySource } from '../../../datasets/formats/array-format.ts';
import { csv, tsv, txt } from '../../../datasets/formats/csv.ts';
import { wholeMatrix } from '../../support/data.ts';
import { chunksOf } from '../../support/structures.ts';
import { arrayInput, bytesOf, wholeColumn, wholeNumbers } from '../../support/whole.ts';

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

const readTxt = async (text: string, selection?: string) => {
  const { rows, columns, data } = await reading(text, (source) => wholeMatrix(source.rows(2)), { format: txt, selection });
  const values = Array.from(data, (value) => Number(value.toPrecision(6)));
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
};
const namesOf = (text: string, format = csv) => reading(text, async (source) => source.header?.(), { format });
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

const bytesRead = (bytes: readonly number[]) => textOf(csv.open(arrayInput('a.csv', () => bytesOf(Uint8Array.from(bytes)))));

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

test('numbers in a single row', async () => {
  for (const [text, format] of [
    ['513.0,513.5,514.0\n', csv],
    ['513.0 513.5 514.0\n', txt],
    ['# of the L3 edge\n513.0 513.5 514.0\n', txt],
  ] as const) {
    assert.deepEqual(await reading(text, (source) => wholeNumbers(source.numbers()), { format }), [513, 513.5, 514]);
  }
  const twoRows = (source: ArraySource) => wholeNumbers(source.numbers());
  await assert.rejects(reading('1 2\n3 4\n', twoRows, { format: txt }), { message: /it has 2 columns; one is needed/ });
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

describe('tables as programs write them', () => {
  test('blanks around names and values of text are not part of them', async () => {
    assert.deepEqual(await readColumn('id, snap \n1, s1\n2,s1  \n', 'snap'), ['s1', 's1']);
    assert.deepEqual([...(await readCsv('a, b , "c, d"\n1, 2, 3\n', 'b')).data], [2]);
    assert.deepEqual(await namesOf('a, b , "c, d"\n1, 2, 3\n'), ['a', 'b', 'c, d']);
  });
  test('comments before the header', async () => {
    assert.deepEqual([...(await readCsv('# computed, on a cluster\n#\na,b\n1,2\n')).data], [1, 2]);
  });
  test('a comment of numpy.savetxt has the names', async () => {
    assert.deepEqual(await namesOf('# made up\n# a, b\n2.5,1.5\n'), ['a', 'b']);
    assert.deepEqual(await namesOf('# a b\n2.5 1.5\n', txt), ['a', 'b']);
    assert.deepEqual(await readTable('#id,snap\n1,a\n2,b\n'), {
      header: ['id', 'snap'],
      rows: [
        ['1', 'a'],
        ['2', 'b'],
      ],
    });
  });
  test('delimiters behind the last column, and rows of them behind the last row', async () => {
    for (const text of ['a,b,\n1,2,\n', 'a,b\n1,2,\n', 'a,b\n1,2\n,\n , \n', ',,\na,b,\n1,2,\n']) {
      assert.deepEqual([...(await readCsv(text)).data], [1, 2], text);
    }
  });
  test('semicolons and tabs in a csv file', async () => {
    assert.deepEqual([...(await readCsv('a;b\n1.5;2\n')).data], [1.5, 2]);
    assert.deepEqual([...(await readCsv('a (deg, mean);b\n1.5;2\n')).data], [1.5, 2]);
    assert.deepEqual([...(await readCsv('a\tb\n1.5\t2\n')).data], [1.5, 2]);
    assert.deepEqual(await readColumn('name\nx; y\n'), ['x; y'], 'not in the header');
  });
  test('numbers of Fortran', async () => {
    assert.deepEqual([...(await readCsv('a,b,c\n1.5D+02,-.25d0,1.5-103\n')).data], [150, -0.25, 0]);
  });
  test('a matrix of numpy.savetxt, whose columns have numbers', async () => {
    const text = '1.5e+00 2.5e+00 3e0\n# a remark\n\n 4\t5   6 # another\n';
    assert.deepEqual(await readTxt(text), [
      [1.5, 2.5, 3],
      [4, 5, 6],
    ]);
    assert.deepEqual(await readTxt(text, '2,0'), [
      [3, 1.5],
      [6, 4],
    ]);
    assert.equal(await namesOf(text, txt), null);
  });
  test("FEFF's xmu.dat", async () => {
    const text = '# FEFF 9\n#  omega    e    k    mu    mu0     chi     @#\n  525.0  -5.0  0.1  1.2E-01  1.0  0.0\n';
    assert.deepEqual(await namesOf(text, txt), ['omega', 'e', 'k', 'mu', 'mu0', 'chi']);
    assert.deepEqual(await readTxt(text, 'omega,mu'), [[525, 0.12]]);
  });
  test('many energies above the rows of a text file are the names of its columns', async () => {
    const energies = [525, 525.5, 526, 527, 528, 529, 530, 531];
    const row = [1, 2, 5, 4, 3, 2, 1, 0];
    const text = `${energies.join(' ')}\n${row.join(' ')}\n`;
    assert.deepEqual(await readTxt(text), [row]);
    assert.deepEqual(await namesOf(text, txt), energies.map(String));
    const commas = [energies, row]
      .map((numbers) => numbers.map((value) => value.toFixed(2).replace('.', ',')).join(';'))
      .join('\n');
    assert.deepEqual(await readTxt(commas), [row]);
    assert.deepEqual((await namesOf(commas, txt))?.map(Number), energies);
  });
  test('names of several words in a text file', async () => {
    assert.deepEqual(await namesOf('Photon energy\tmu\n525.0\t0.1\n', txt), ['Photon energy', 'mu']);
    assert.deepEqual(await namesOf('Energy (eV)   mu\n525.0  0.1\n', txt), ['Energy (eV)', 'mu']);
  });
  test('rows of text and numbers without names', async () => {
    const read = (source: ArraySource) => wholeMatrix(source.rows(2));
    const { data } = await reading('m1 1.5 2\nm2 2.5 3\n', read, { format: txt, selection: '1,2' });
    assert.deepEqual([...data], [1.5, 2, 2.5, 3]);
  });
  test('the separator that Excel reads', async () => {
    assert.deepEqual([...(await readCsv('sep=;\na;b\n1.5;2\n')).data], [1.5, 2]);
  });
  test('other separators in a text file', async () => {
    for (const text of ['1.5;2.5\n', '1.5, 2.5\n', '1.5\t2.5\n', 'a,b\n1.5,2.5\n', '"a" "b"\n1.5 2.5\n']) {
      assert.deepEqual(await readTxt(text), [[1.5, 2.5]], text);
    }
  });
  test('decimal commas in a text file or with tabs', async () => {
    for (const text of ['1,5 2,25\n3 4\n', '1,5;2,25\n3;4\n', '1,5\t2,25\n3\t4\n', 'a b\n1,5 2,25\n3 4\n']) {
      assert.deepEqual(
        await readTxt(text),
        [
          [1.5, 2.25],
          [3, 4],
        ],
        text,
      );
    }
    const data = await reading('a\tb\n1,5\t2,25\n', (source) => wholeMatrix(source.rows(2)), { format: tsv });
    assert.deepEqual([...data.data], [1.5, 2.25]);
  });
  test('a wide table, whose first line is longer than the rest', async () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `e_${i}`);
    const text = `${names.join(';')}\n${'1.5;'.repeat(20_000)}\n${'2.5;'.repeat(20_000)}\n`;
    const { rows, columns } = await wholeMatrix(csv.open(arrayInput('a.csv', () => chunksOf(text))).rows(2));
    assert.deepEqual([rows, columns], [2, 20_000]);
  });
});

test('a first line of numbers has names only where it cannot be a row', async () => {
  const cases: [string, boolean][] = [
    ['525,526,528\n1,2,3\n4,5,6\n', true], // apart from the values
    ['528,526,525\n1,2,3\n4,5,6\n', true],
    ['1,2,3,4\n3,1,2,900\n2,0,9,1\n', true], // evenly spaced, and no row is sorted
    ['0,1,2\n0.5,0.7,0.9\n0.1,0.2,0.3\n', true], // the numbers of columns
    [',525,526\n0,1,2\n', true],
    ['0.95,0.98,104.5\n0.94,0.99,103.2\n', false], // sorted rows
    ['0.95,0.98,104.5\n0.94,0.90,103.2\n', false], // sorted by chance
    ['-4,-3,-2,-1,0,1,2,3\n-9,-3,-2,-1,0,1,2,9\n', true], // evenly spaced, unlike the rows
    ['1,2,4\n1,3,5\n', false],
    ['100,101,102,95,96,97,98,99\n1,2,3,4,5,6,7,8\n', true], // sorted as text
    ['100,101,102,95,97,96,98,99\n1,2,3,4,5,6,7,8\n', false],
    ['0.1,0.5,1.2,2.2,2.9\n0.2,0.6,1.1,2.0,2.8\n', false], // integrated spectra
    ['0.9,nan,0.8\n0.9,0.7,0.8\n', false],
  ];
  for (const [text, isHeader] of cases) {
    if (isHeader) assert.equal((await readCsv(text)).rows, text.split('\n').length - 2, text);
    else await assert.rejects(readCsv(text), { message: /first line contains numbers/ }, text);
  }
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
    ['blanks between columns', () => readCsv('a   b\n1.5   2.5\n'), /columns are separated by blanks/],
    ['bars between columns', () => readCsv('a|b\n1.5|2.5\n'), /columns are separated by "\|"/],
    ['decimal commas', () => readCsv('a;b\n1,5;2,5\n'), /separated by ";" and numbers are written with a decimal comma/],
    ['decimal commas between commas', () => readCsv('a,b\n1,5,2,5\n'), /numbers may be written with a decimal comma/],
    ['ambiguous commas', () => readTxt('1,5\n2,5\n'), /its commas may separate columns or be decimal commas/],
    ['thousands', () => readTxt('1,234 5\n2,345 6\n'), /decimal comma or separate thousands/],
    ['thousands and points', () => readTxt('1,234 5.5\n2,345 6.5\n'), /row 0, column 0 .* is not a valid number/],
    ['a number that is too wide below names', () => readTxt('# a b\n**** 2.5\n1.5 2.5\n'), /Fortran writes \*/],
    ['a number that is too wide', () => readTxt('1.5 2.5\n1.5 ****\n'), /Fortran writes \*/],
    ['a value in a column without a name', () => readCsv('a,b,\n1,2,3\n'), /row 0 has 3 columns, the header has 2/],
    ['an empty row between others', () => readCsv('a,b\n1,2\n,\n3,4\n'), /row 1, column 0 \("a"\) is not a valid number: ""/],
    ['UTF-16', () => bytesRead([0xff, 0xfe, 0x61, 0]), /its encoding is UTF-16/],
    ['UTF-16 without a mark', () => bytesRead([0x61, 0, 0x2c, 0]), /its encoding is UTF-16/],
    ['a workbook', () => bytesRead([0x50, 0x4b, 3, 4]), /an Excel workbook/],
    ['a compressed file', () => bytesRead([0x1f, 0x8b, 8, 0]), /compressed with gzip/],
    ['text that is not UTF-8', () => bytesRead([0x69, 0x64, 10, 0xe9, 10]), /row 0, column 0 \("id"\) is not valid UTF-8/],
    ['an unknown column', () => readColumn('a,b\n1,2\n', 'c'), /it has no column "c"/],
  ];
  for (const [what, read, message] of refused) {
    test(what, () => assert.rejects(read, { code: 'array-invalid', path: 'a.csv', message }));
  }
});
