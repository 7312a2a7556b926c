import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Group } from 'h5wasm/node';
import { splitBlocks } from '../../../datasets/formats/hdf5-blocks.ts';
import { stream } from '../../../models/random.ts';
import { sha256Of } from '../../../platform.ts';
import { writeHdf5 } from '../../support/files.ts';
import { wholeFolder } from '../../support/whole.ts';

const FIXTURE = fileURLToPath(new URL('fixtures/h5py.h5', import.meta.url));

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'narrows-hdf5-'));
  await cp(FIXTURE, join(directory, 'h5py.h5'));
  await cp(join(dirname(FIXTURE), 'external.h5'), join(directory, 'external.h5'));
  await writeFile(join(directory, 'external.bin'), new Uint8Array(48));
  await writeHdf5(join(directory, 'some.h5'), {
    f4: { data: Float32Array.of(1.5, -2, 3.25, 4, 5, -6.5), shape: [2, 3] },
    'deep/er/f8': { data: Float64Array.of(8979.0001, 8979.0002, 8979.0004) },
    i8: { data: Int8Array.of(-1, 0, 127) },
    u4: { data: Uint32Array.of(0, 4294967295) },
    i8x8: { data: BigInt64Array.of(-3n, 2n ** 40n) },
    column: { data: Float32Array.of(1, 2), shape: [2, 1] },
    geometry: { data: Float32Array.from({ length: 24 }, (_, i) => i), shape: [2, 4, 3] },
    text: { data: ['a', 'bü'] },
    nan: { data: Float32Array.of(1, 2, 3, Number.NaN), shape: [2, 2] },
    large: { data: Float64Array.of(1, 1e39), shape: [1, 2] },
    none: { data: new Float32Array(0), shape: [2, 0] },
  });
});
after(() => rm(directory, { recursive: true, force: true }));

const matrix = async (reference: string) => {
  const { rows, columns, data } = await wholeFolder(directory).matrix(reference);
  return [rows, columns, [...data]];
};

describe('valid datasets are read', () => {
  test('float32, float64 and integers', async () => {
    assert.deepEqual(await matrix('some.h5#/f4'), [2, 3, [1.5, -2, 3.25, 4, 5, -6.5]]);
    assert.deepEqual(await matrix('some.h5#f4'), [2, 3, [1.5, -2, 3.25, 4, 5, -6.5]]);
    assert.deepEqual(await matrix('some.h5#/deep/er/f8'), [3, 1, [8979, 8979, 8979]]);
    assert.deepEqual(await matrix('some.h5#/i8'), [3, 1, [-1, 0, 127]]);
    assert.deepEqual(await matrix('some.h5#/u4'), [2, 1, [0, 4294967296]]);
    assert.deepEqual(await matrix('some.h5#/i8x8'), [2, 1, [-3, 2 ** 40]]);
    assert.deepEqual(await matrix('some.h5#/column'), [2, 1, [1, 2]]);
  });

  test('half precision and flags', async () => {
    assert.deepEqual(
      (await wholeFolder(directory).matrix('h5py.h5#/unread/half')).data,
      (await wholeFolder(directory).matrix('h5py.h5#/X')).data,
    );
    assert.deepEqual(await matrix('h5py.h5#/unread/flags'), [12, 1, Array.from({ length: 12 }, (_, i) => Number(i > 5))]);
  });

  test('energies of the shape [1, E]', async () => {
    await writeHdf5(join(directory, 'row.h5'), { e: { data: Float64Array.of(1, 2, 3), shape: [1, 3] } });
    assert.deepEqual([...(await wholeFolder(directory).numbers('row.h5#/e'))], [1, 2, 3]);
  });

  test('packed values, scaled and moved', async () => {
    await writeHdf5(join(directory, 'packed.h5'), {
      y: {
        data: Int16Array.of(-5000, 0, 5000, 10_000),
        shape: [2, 2],
        attributes: { scale_factor: Float64Array.of(1e-4), add_offset: Float64Array.of(0.5), _FillValue: Int16Array.of(-32_768) },
      },
    });
    assert.deepEqual(await matrix('packed.h5#/y'), [2, 2, [0, 0.5, 1, 1.5]]);
  });

  test('arrays of MATLAB, which stores the first axis last', async () => {
    const attributes = { MATLAB_class: 'double' };
    // 700 rows of 3: whole, and in chunks that split both axes.
    const [rows, columns] = [700, 3];
    const data = Float64Array.from({ length: rows * columns }, (_, at) => (at % rows) + 1000 * Math.floor(at / rows));
    const wanted = Array.from({ length: rows * columns }, (_, at) => Math.floor(at / columns) + 1000 * (at % columns));
    for (const chunks of [undefined, [2, 300]]) {
      await writeHdf5(join(directory, 'X.MAT'), { X: { data, shape: [columns, rows], attributes, ...(chunks && { chunks }) } });
      assert.deepEqual(await matrix('X.MAT#/X'), [rows, columns, wanted]);
    }
    await writeHdf5(join(directory, 'e.mat'), { e: { data: Float64Array.of(1, 2), shape: [1, 2], attributes } });
    assert.deepEqual([...(await wholeFolder(directory).numbers('e.mat#/e'))], [1, 2]);
  });

  test('groups of NeXus by their defaults', async () => {
    const path = join(directory, 'scan.nxs');
    await writeHdf5(path, {
      'entry/data/counts': { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] },
      'entry/data/energy': { data: Float64Array.of(7, 8) },
    });
    const { File } = await import('h5wasm/node');
    const file = new File(path, 'a');
    const attribute = (group: string, name: string, value: string | string[]) =>
      (file.get(group) as Group).create_attribute(name, value);
    attribute('/', 'default', 'entry');
    attribute('entry', 'default', 'data');
    attribute('entry/data', 'signal', 'counts');
    attribute('entry/data', 'axes', ['.', 'energy']);
    file.close();
    await writeHdf5(join(directory, 'old.nxs'), {
      'entry/data/counts': {
        data: Float32Array.of(1, 2, 3, 4),
        shape: [2, 2],
        attributes: { signal: Int32Array.of(1), axes: 'time:energy' },
      },
      'entry/data/energy': { data: Float64Array.of(7, 8) },
    });
    assert.deepEqual(await matrix('old.nxs#entry/data'), [2, 2, [1, 2, 3, 4]]);
    assert.deepEqual([...(await wholeFolder(directory).numbers('old.nxs#entry/data'))], [7, 8]);
    for (const group of ['/', '/entry', '/entry/data']) {
      assert.deepEqual(await matrix(`scan.nxs#${group}`), [2, 2, [1, 2, 3, 4]]);
      assert.deepEqual([...(await wholeFolder(directory).numbers(`scan.nxs#${group}`))], [7, 8]);
    }
  });

  test('energies without rounding', async () => {
    assert.deepEqual([...(await wholeFolder(directory).numbers('some.h5#/deep/er/f8'))], [8979.0001, 8979.0002, 8979.0004]);
  });

  test('all axes but the first as columns', async () => {
    const { rows, columns, data } = await wholeFolder(directory).rows('some.h5#/geometry');
    assert.deepEqual([rows, columns, [...data]], [2, 12, [...Array(24).keys()]]);
  });

  test('text and integers as ids', async () => {
    assert.deepEqual(await wholeFolder(directory).column('some.h5#/text'), ['a', 'bü']);
    assert.deepEqual(await wholeFolder(directory).column('some.h5#/i8'), ['-1', '0', '127']);
  });

  test('a file of h5py with chunks that do not divide the shape, gzip, shuffle, big-endian numbers and text', async () => {
    const folder = wholeFolder(directory);
    const [rows, columns, x] = await matrix('h5py.h5#/X');
    assert.deepEqual([rows, columns, x], [12, 2, Array.from({ length: 24 }, (_, at) => (at % 2 === 0 ? at / 2 : (at - 1) / 16))]);
    assert.deepEqual(await matrix('h5py.h5#/spectra/xes'), [
      12,
      30,
      Array.from({ length: 360 }, (_, at) => ((Math.floor(at / 30) + 1) * ((at % 30) + 1)) / 16),
    ]);
    assert.deepEqual(
      [...(await folder.numbers('h5py.h5#/spectra/energies'))],
      Array.from({ length: 30 }, (_, e) => 11081 + e / 2),
    );
    assert.deepEqual(
      await folder.column('h5py.h5#/snapshot'),
      Array.from({ length: 12 }, (_, i) => `s${Math.floor(i / 3)}`),
    );
    assert.deepEqual(
      await folder.column('h5py.h5#/number'),
      Array.from({ length: 12 }, (_, i) => String(i)),
    );
  });

  test('the same numbers in several blocks, whatever the chunks', async () => {
    // 1.1 million float64 are 8.4 MiB: more than two blocks.
    const shape = [11_000, 100];
    const data = Float64Array.from({ length: 1_100_000 }, (_, at) => at % 9973);
    const wanted = new Float32Array(data);
    for (const chunks of [undefined, [1000, 7], [11_000, 3], [13, 100]]) {
      await writeHdf5(join(directory, 'wide.h5'), { X: { data, shape, ...(chunks && { chunks }) } });
      const read = await wholeFolder(directory).matrix('wide.h5#/X');
      // Not deepEqual, which would print a million differences.
      assert.ok(Buffer.from(read.data.buffer).equals(Buffer.from(wanted.buffer)), `chunks of ${chunks}`);
    }
  });

  test('all axes but the first as columns, whatever the chunks', async () => {
    const shape = [700, 50, 40];
    const data = Float32Array.from({ length: 1_400_000 }, (_, at) => at % 9973);
    for (const chunks of [undefined, [500, 7, 40], [500, 50, 3], [300, 9, 7], [700, 1, 1]]) {
      await writeHdf5(join(directory, 'deep.h5'), { X: { data, shape, ...(chunks && { chunks }) } });
      const read = await wholeFolder(directory).rows('deep.h5#/X');
      assert.deepEqual([read.rows, read.columns], [700, 2000]);
      assert.ok(Buffer.from(read.data.buffer).equals(Buffer.from(data.buffer)), `chunks of ${chunks}`);
    }
  });

  test('the hash of a reference is that of its file', async () => {
    const whole = sha256Of(await readFile(FIXTURE));
    const folder = wholeFolder(directory);
    await folder.matrix('h5py.h5#/X');
    assert.equal(await folder.hash('h5py.h5#/X'), whole);
    assert.equal(await folder.hash('h5py.h5#/spectra/xes'), whole);
  });

  test('a file that changes between two reads is refused', async () => {
    const folder = wholeFolder(directory);
    await writeHdf5(join(directory, 'changing.h5'), { a: { data: Float32Array.of(1, 2) }, b: { data: Float32Array.of(3, 4) } });
    await folder.matrix('changing.h5#/a');
    await writeHdf5(join(directory, 'changing.h5'), { a: { data: Float32Array.of(1, 2) }, b: { data: Float32Array.of(3, 5) } });
    await assert.rejects(folder.matrix('changing.h5#/b'), { code: 'file-changed', path: 'changing.h5' });
  });
});

describe('blocks', () => {
  test('cover every value once with whole chunks and a limited number of values', () => {
    for (let trial = 0; trial < 200; trial++) {
      const { uniform } = stream(trial, 'blocks');
      const upTo = (most: number) => 1 + Math.floor(most * uniform());
      const shape = Array.from({ length: upTo(3) }, () => upTo(17));
      const chunk = uniform() < 0.3 ? null : shape.map((length) => upTo(length));
      const most = upTo(200);
      const seen = new Map<string, number>();
      for (const block of splitBlocks(shape, chunk, most)) {
        const size = block.reduce((product, [from, to]) => product * (to - from), 1);
        const ofChunk = (chunk ?? [1]).reduce((product, length) => product * length, 1);
        assert.ok(size <= Math.max(most, ofChunk));
        block.forEach(([from, to], axis) => {
          const length = chunk?.[axis] ?? 1;
          assert.ok(from % length === 0 && (to % length === 0 || to === shape[axis]), 'a chunk is in one block');
        });
        let places = [''];
        for (const [from, to] of block) {
          places = places.flatMap((place) => Array.from({ length: to - from }, (_, i) => `${place} ${from + i}`));
        }
        for (const place of places) seen.set(place, (seen.get(place) ?? 0) + 1);
      }
      assert.equal(
        seen.size,
        shape.reduce((product, length) => product * length, 1),
      );
      assert.ok([...seen.values()].every((times) => times === 1));
    }
  });
  test('there are none for an empty array', () => assert.deepEqual([...splitBlocks([0, 3], null, 10)], []));
});

describe('invalid references and files are refused', () => {
  const refused: [string, string, Record<string, unknown>][] = [
    [
      'no dataset of that name',
      'some.h5#/f5',
      { path: 'some.h5', message: 'some.h5: it has no dataset "/f5"', fix: /did you mean "\/f4"\?.*\/deep\/er\/f8/ },
    ],
    ['a group', 'some.h5#/deep/er', { fix: /did you mean "\/deep\/er\/f8"/ }],
    ['a path through a dataset', 'some.h5#/f4/x', { message: /no dataset "\/f4\/x"/ }],
    ['no path', 'some.h5', { message: /names no dataset/, fix: /^write some\.h5#\/column; it has / }],
    ['text for numbers', 'some.h5#/text', { path: 'some.h5#/text', message: /it contains text/, fix: /float32/ }],
    ['too many axes', 'some.h5#/geometry', { message: /the shape \(2, 4, 3\); one row per structure/ }],
    ['no columns', 'some.h5#/none', { message: /no columns/ }],
    ['a NaN', 'some.h5#/nan', { code: 'not-finite', path: 'some.h5#/nan[1, 1]' }],
    ['a value beyond float32', 'some.h5#/large', { code: 'not-finite', path: 'some.h5#/large[0, 1]' }],
    ['an unsupported filter', 'h5py.h5#/unread/lzf', { message: /compression filter "lzf" is not supported/, fix: /gzip/ }],
    ['complex numbers', 'h5py.h5#/unread/complex', { message: /it contains records/, fix: /array\.real, array\.imag/ }],
    ['values in another file', 'external.h5#/Y', { message: 'external.h5#/Y: its values are in another file, external.bin' }],
    ['an empty dataset', 'h5py.h5#/unread/empty', { message: /it is empty/ }],
    ['data in another file', 'h5py.h5#/unread/virtual', { message: /it is a virtual dataset/ }],
    ['a missing file', 'other.h5#/X', { code: 'file-missing', path: 'other.h5' }],
    ['a file outside the folder', '../other.h5#/X', { code: 'path-outside' }],
  ];
  for (const [what, reference, expected] of refused) {
    test(what, () => assert.rejects(wholeFolder(directory).matrix(reference), { code: 'array-invalid', ...expected }));
  }

  test('missing values', async () => {
    await writeHdf5(join(directory, 'fill.h5'), {
      fill: { data: Float32Array.of(1, 2, 3, -9999), shape: [2, 2], attributes: { _FillValue: Float64Array.of(-9999) } },
      missing: { data: Float32Array.of(1, 1e20), attributes: { missing_value: Float64Array.of(1e20) } },
    });
    await assert.rejects(wholeFolder(directory).matrix('fill.h5#/fill'), {
      code: 'array-invalid',
      message: 'fill.h5#/fill: row 1, column 1 is missing: it has the fill value -9999',
      path: 'fill.h5#/fill[1, 1]',
    });
    await assert.rejects(wholeFolder(directory).matrix('fill.h5#/missing'), { message: /row 1 is missing/ });
  });

  test('attributes that are not numbers, and cells of MATLAB', async () => {
    const data = Int16Array.of(1, 2);
    await writeHdf5(join(directory, 'attributes.h5'), {
      text: { data, attributes: { scale_factor: '0.5' } },
      wrong: { data, attributes: { add_offset: 'none' } },
      cells: { data, attributes: { MATLAB_class: 'cell' } },
    });
    assert.deepEqual(await matrix('attributes.h5#text'), [2, 1, [0.5, 1]]);
    await assert.rejects(wholeFolder(directory).matrix('attributes.h5#wrong'), {
      message: 'attributes.h5#wrong: its attribute "add_offset" is not a number',
    });
    await assert.rejects(wholeFolder(directory).matrix('attributes.h5#cells'), { message: /it contains cells of MATLAB/ });
  });

  test('a group for each structure, and arrays of MATLAB of several axes', async () => {
    const spectrum = { data: Float32Array.of(1, 2) };
    await writeHdf5(join(directory, 'groups.h5'), { 'a/site/y': spectrum, 'b/site/y': spectrum, energy: spectrum });
    await assert.rejects(wholeFolder(directory).matrix('groups.h5#/'), {
      code: 'array-invalid',
      message: 'groups.h5: "/" is a group, in which 2 groups have a dataset "site/y" each',
      fix: /numpy\.stack\(\[file\[n\]\["site\/y"\]/,
    });
    await writeHdf5(join(directory, 'deep.mat'), {
      X: { data: new Float64Array(8), shape: [2, 2, 2], attributes: { MATLAB_class: 'double' } },
    });
    await assert.rejects(wholeFolder(directory).rows('deep.mat#/X'), { message: /an array of MATLAB of 3 axes/ });
  });

  test('formats with the endings of HDF5', async () => {
    await writeFile(join(directory, 'old.mat'), 'MATLAB 5.0 MAT-file, Platform: GLNXA64');
    await assert.rejects(wholeFolder(directory).matrix('old.mat#/X'), { code: 'array-invalid', fix: /-v7\.3/ });
    await writeFile(join(directory, 'old.nc'), 'CDF\x01');
    await assert.rejects(wholeFolder(directory).matrix('old.nc#/X'), { code: 'array-invalid', fix: /nccopy/ });
  });

  test('two columns for energies, floats for names, a named column', async () => {
    const folder = wholeFolder(directory);
    await assert.rejects(folder.numbers('some.h5#/f4'), {
      code: 'array-invalid',
      message: /the shape \(2, 3\); one column is needed/,
    });
    await assert.rejects(folder.column('some.h5#/f4'), { code: 'array-invalid', message: /it contains floats/ });
    await assert.rejects(folder.column('some.h5#/text', 'id'), { code: 'array-invalid', fix: 'remove `column`' });
  });

  test('another file, a truncated file, and links to other files', async () => {
    await writeFile(join(directory, 'text.h5'), 'hello, I am a text');
    await assert.rejects(wholeFolder(directory).matrix('text.h5#/X'), {
      code: 'array-invalid',
      path: 'text.h5',
      message: 'text.h5: it is not a valid HDF5 file (file signature not found)',
    });
    await writeFile(join(directory, 'short.h5'), (await readFile(FIXTURE)).subarray(0, 9000));
    await assert.rejects(wholeFolder(directory).matrix('short.h5#/X'), {
      path: 'short.h5',
      message: /not a valid HDF5 file \(truncated file/,
    });
    const { File } = await import('h5wasm/node');
    const file = new File(join(directory, 'links.h5'), 'w');
    file.create_external_link('some.h5', '/f4', 'out');
    file.create_soft_link('/nowhere', 'broken');
    file.create_external_link('groups.h5', '/a', 'elsewhere');
    file.create_soft_link('/elsewhere/site/y', 'around');
    file.create_group('default');
    (file.get('default') as Group).create_attribute('signal', 'y');
    file.create_soft_link('/elsewhere/site/y', '/default/y');
    file.close();
    const spectrum = { data: Float32Array.of(1, 2) };
    await writeHdf5(join(directory, 'groups.h5'), { 'a/site/y': spectrum });
    for (const reference of ['links.h5#/around', 'links.h5#/default', 'links.h5#/elsewhere/site/y']) {
      await assert.rejects(wholeFolder(directory).matrix(reference), { code: 'array-invalid', message: /another file/ });
    }
    await assert.rejects(wholeFolder(directory).matrix('links.h5#/out'), {
      code: 'array-invalid',
      message: /link to another file/,
    });
    await assert.rejects(wholeFolder(directory).matrix('links.h5#/broken'), { code: 'array-invalid', message: /no dataset/ });
  });

  test('a corrupt chunk is refused instead of yielding arbitrary numbers', async () => {
    const bytes = await readFile(FIXTURE);
    // 0x78 starts a zlib stream; 24 of them are chunks of the two arrays.
    let broken = 0;
    for (let at = bytes.indexOf(0x78); at >= 0; at = bytes.indexOf(0x78, at + 1)) {
      const copy = Buffer.from(bytes);
      copy.fill(0xff, at, at + 4);
      await writeFile(join(directory, 'broken.h5'), copy);
      for (const reference of ['broken.h5#/X', 'broken.h5#/spectra/xes']) {
        const answer = await wholeFolder(directory)
          .matrix(reference)
          .then(
            ({ data }) => [...data],
            (error: { code: string }) => error.code,
          );
        if (answer === 'array-invalid') broken++;
        else if (Array.isArray(answer)) assert.deepEqual(answer, (await matrix(reference.replace('broken', 'h5py')))[2]);
      }
    }
    assert.ok(broken >= 20, `${broken} were found out`);
  });
});
