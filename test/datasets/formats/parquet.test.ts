import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stream } from '../../../models/random.ts';
import { sha256Of } from '../../../platform.ts';
import { parquetOf } from '../../support/files.ts';
import { wholeFolder } from '../../support/whole.ts';

const FIXTURE = fileURLToPath(new URL('fixtures/pandas.parquet', import.meta.url));

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'narrows-parquet-'));
  await cp(join(dirname(FIXTURE), 'lists.parquet'), join(directory, 'lists.parquet'));
  await cp(FIXTURE, join(directory, 'pandas.parquet'));
  await writeFile(
    join(directory, 'some.parquet'),
    parquetOf(
      [
        { name: 'id', data: ['x', 'y', 'z'], type: 'STRING' },
        { name: 'b', data: [8979.0001, 8979.0002, 8979.0004], type: 'DOUBLE' },
        { name: 'e_2', data: Float32Array.of(1.5, -2, 3.25), type: 'FLOAT' },
        { name: 'e_1', data: Int32Array.of(1, 2, 3), type: 'INT32' },
        { name: 'whole', data: BigInt64Array.of(-3n, 2n ** 40n, 0n), type: 'INT64' },
        { name: 'flag', data: [true, false, true], type: 'BOOLEAN' },
        { name: 'gap', data: [1, null, 3], type: 'DOUBLE', nullable: true },
        { name: 'time', data: [new Date(0), new Date(1), new Date(2)], type: 'TIMESTAMP' },
        { name: 'nan', data: [1, 2, Number.NaN], type: 'DOUBLE' },
      ],
      2,
    ),
  );
});
after(() => rm(directory, { recursive: true, force: true }));

const matrix = async (reference: string) => {
  const { rows, columns, data } = await wholeFolder(directory).matrix(reference);
  return [rows, columns, [...data]];
};

describe('valid tables are read', () => {
  test('selected columns in their order, floats and integers, over row groups', async () => {
    assert.deepEqual(await matrix('some.parquet#whole,e_2'), [3, 2, [-3, 1.5, 2 ** 40, -2, 0, 3.25]]);
    assert.deepEqual(await wholeFolder(directory).header('some.parquet#whole, e_2'), ['whole', 'e_2']);
  });
  test("columns by prefix, in the table's order", async () => {
    assert.deepEqual(await matrix('some.parquet#e_*'), [3, 2, [1.5, 1, -2, 2, 3.25, 3]]);
    assert.deepEqual(await wholeFolder(directory).header('some.parquet#e_*,whole'), ['e_2', 'e_1', 'whole']);
  });
  test('energies without rounding', async () => {
    assert.deepEqual([...(await wholeFolder(directory).numbers('some.parquet#b'))], [8979.0001, 8979.0002, 8979.0004]);
  });
  test('text of a column by name, after the #, or of the one named id', async () => {
    const folder = wholeFolder(directory);
    assert.deepEqual(await folder.column('some.parquet'), ['x', 'y', 'z']);
    assert.deepEqual(await folder.column('some.parquet', 'whole'), ['-3', '1099511627776', '0']);
    assert.deepEqual(await folder.column('some.parquet#flag'), ['true', 'false', 'true']);
  });
  test('a file of pandas with snappy and three row groups: all numeric columns but its index', async () => {
    const folder = wholeFolder(directory);
    const spectra = Array.from({ length: 360 }, (_, at) => ((Math.floor(at / 30) + 1) * ((at % 30) + 1)) / 16);
    assert.deepEqual(await matrix('pandas.parquet#e_*'), [12, 30, spectra]);
    assert.deepEqual(await matrix('pandas.parquet#b,a'), [
      12,
      2,
      Array.from({ length: 24 }, (_, at) => (at >> 1) / (at % 2 ? 1 : 8)),
    ]);
    const header = await folder.header('pandas.parquet');
    assert.deepEqual(header, ['a', 'b', ...Array.from({ length: 30 }, (_, e) => `e_${e}`)]);
    assert.equal((await folder.matrix('pandas.parquet')).columns, 32);
    assert.deepEqual(
      await folder.column('pandas.parquet', 'snapshot'),
      Array.from({ length: 12 }, (_, i) => `s${Math.floor(i / 3)}`),
    );
    assert.deepEqual(
      await folder.column('pandas.parquet', 'number'),
      Array.from({ length: 12 }, (_, i) => String(100 + i)),
    );
  });
  test('lists of the same length as columns, nested ones flattened, over row groups', async () => {
    const spectra = Array.from({ length: 24 }, (_, at) => ((Math.floor(at / 4) + 1) * ((at % 4) + 1)) / 16);
    assert.deepEqual(await matrix('lists.parquet#xes'), [6, 4, spectra]);
    const mixed = Array.from({ length: 6 }, (_, i) => [Number(i > 2), i, i / 8, i / 4, i / 8]).flat();
    assert.deepEqual(await matrix('lists.parquet#flag,geometry,half'), [6, 5, mixed]);
    assert.deepEqual(await matrix('lists.parquet#positions'), [
      6,
      4,
      Array.from({ length: 6 }, (_, i) => [i, 0.5, 1.5, i]).flat(),
    ]);
  });
  test('energies from the list that every row has', async () => {
    const folder = wholeFolder(directory);
    assert.deepEqual([...(await folder.numbers('lists.parquet#energy'))], [11081, 11081.5, 11082, 11082.5]);
    await assert.rejects(folder.numbers('lists.parquet#moving'), {
      code: 'array-invalid',
      message: 'lists.parquet#moving: column "moving" has another list in row 1 than in row 0',
    });
  });
  test('flags as 0 and 1', async () => assert.deepEqual(await matrix('some.parquet#flag'), [3, 1, [1, 0, 1]]));
  test('an index that Spark, dask or pandas stored as a column is no column of numbers', async () => {
    assert.deepEqual(await wholeFolder(directory).header('lists.parquet'), ['half']);
    assert.deepEqual(await matrix('lists.parquet#__index_level_0__'), [6, 1, [0, 1, 2, 3, 4, 5]]);
  });
  test('the hash of a reference is that of its file', async () => {
    const folder = wholeFolder(directory);
    await folder.matrix('pandas.parquet#e_*');
    assert.equal(await folder.hash('pandas.parquet#e_*'), sha256Of(await readFile(FIXTURE)));
  });
  test('a file that changes between two reads is refused', async () => {
    const folder = wholeFolder(directory);
    const write = (last: number) =>
      writeFile(join(directory, 'changing.parquet'), parquetOf([{ name: 'a', data: [1, last], type: 'DOUBLE' }]));
    await write(2);
    await folder.matrix('changing.parquet#a');
    await write(3);
    await assert.rejects(folder.matrix('changing.parquet'), { code: 'file-changed', path: 'changing.parquet' });
  });
});

describe('invalid references and files are refused', () => {
  const refused: [string, string, Record<string, unknown>][] = [
    [
      'no column of that name',
      'some.parquet#e_1,e_3',
      { message: /no column "e_3"/, fix: /did you mean "e_2"\? its columns are id, b, e_2/ },
    ],
    ['no column of that prefix', 'some.parquet#y_*', { message: /no column "y_\*"/ }],
    ['a column twice', 'some.parquet#e_1,e_*', { message: /"e_1" is named twice/ }],
    ['text for numbers', 'some.parquet#b,id', { path: 'some.parquet#b,id', message: /its column "id" contains text/ }],
    ['lists of text', 'lists.parquet#names', { message: /its column "names" contains lists/ }],
    [
      'lists of different lengths',
      'lists.parquet#ragged',
      { message: 'lists.parquet#ragged: row 1, column "ragged" has 2 values, row 0 has 1', fix: /equally long/ },
    ],
    ['an empty value in a list', 'lists.parquet#hole', { message: /row 0, column "hole" is empty/ }],
    ['a time for numbers', 'some.parquet#time', { message: /its column "time" contains values of the type TIMESTAMP/ }],
    ['an empty value', 'some.parquet#b,gap', { message: /row 1, column "gap" is empty/ }],
    ['a NaN', 'some.parquet#b,nan', { code: 'not-finite', path: 'some.parquet#b,nan[2, 1]' }],
    ['a missing file', 'other.parquet', { code: 'file-missing', path: 'other.parquet' }],
  ];
  for (const [what, reference, expected] of refused) {
    test(what, () => assert.rejects(wholeFolder(directory).matrix(reference), { code: 'array-invalid', ...expected }));
  }

  test('two columns for energies, and missing or empty ids', async () => {
    const folder = wholeFolder(directory);
    await assert.rejects(folder.numbers('some.parquet#e_*'), {
      code: 'array-invalid',
      message: /it has 2 numeric columns; one is needed/,
    });
    await assert.rejects(folder.column('some.parquet', 'ids'), { code: 'array-invalid', fix: /^did you mean "id"\?/ });
    await assert.rejects(folder.column('some.parquet', 'gap'), {
      code: 'array-invalid',
      message: /row 1, column "gap" is empty/,
    });
    await assert.rejects(folder.column('some.parquet', 'time'), { code: 'array-invalid', message: /neither text nor a number/ });
  });

  test('another file, and a truncated file', async () => {
    await writeFile(join(directory, 'text.parquet'), 'hello, I am a text');
    await writeFile(join(directory, 'short.parquet'), (await readFile(FIXTURE)).subarray(0, -100));
    await writeFile(join(directory, 'empty.parquet'), '');
    for (const name of ['text', 'short', 'empty']) {
      await assert.rejects(wholeFolder(directory).matrix(`${name}.parquet`), {
        code: 'array-invalid',
        path: `${name}.parquet`,
        message: /it is not a valid Parquet file/,
      });
    }
    await writeFile(join(directory, 'hole.parquet'), Buffer.from(await readFile(FIXTURE)).fill(0, 200, 9000));
    await assert.rejects(wholeFolder(directory).matrix('hole.parquet#e_*'), { code: 'array-invalid' });
  });

  test('a corrupt file is refused or read in part, and never ends the process', async () => {
    const bytes = await readFile(FIXTURE);
    const { uniform } = stream(1, 'broken parquet');
    const codes = new Set<string>();
    for (let trial = 0; trial < 300; trial++) {
      const copy = Buffer.from(bytes);
      copy[Math.floor(uniform() * copy.length)] = Math.floor(uniform() * 256);
      await writeFile(join(directory, 'broken.parquet'), copy);
      await wholeFolder(directory)
        .matrix('broken.parquet#e_*')
        .then(
          () => codes.add('read'),
          ({ code }: { code: string }) => codes.add(code),
        );
    }
    assert.deepEqual(codes, new Set(['read', 'array-invalid', 'not-finite'].filter((code) => codes.has(code))));
    assert.ok(codes.has('array-invalid'));
  });
});
