import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { npy, readNpy, writeNpy, writeNpyArray } from '../../../datasets/formats/npy.ts';
import { wholeMatrix } from '../../support/data.ts';
import { arrayInput, bytesOf, wholeColumn, wholeNumbers } from '../../support/whole.ts';

const VALUES = [1.5, -2, 3.25, 4, 5, -6.5];

type Setter = (view: DataView, at: number, value: number, little: boolean) => void;

const SETTERS: Readonly<Record<string, Setter>> = {
  f2: (view, at, value, little) => view.setUint16(at, new Uint16Array(Float16Array.of(value).buffer)[0] as number, little),
  f4: (view, at, value, little) => view.setFloat32(at, value, little),
  f8: (view, at, value, little) => view.setFloat64(at, value, little),
  i2: (view, at, value, little) => view.setInt16(at, value, little),
  i4: (view, at, value, little) => view.setInt32(at, value, little),
  i8: (view, at, value, little) => view.setBigInt64(at, BigInt(value), little),
  u8: (view, at, value, little) => view.setBigUint64(at, BigInt(value), little),
  b1: (view, at, value) => view.setUint8(at, value),
};

/** Builds a file as numpy writes it. */
function file(descr: string, fortran: boolean, shape: string, values: readonly number[], version = 1): Uint8Array {
  const type = descr.startsWith('[') ? descr : `'${descr}'`;
  const dictionary = `{'descr': ${type}, 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape}), }\n`;
  const before = version === 1 ? 10 : 12;
  const size = Number(/[a-z](\d+)/.exec(descr)?.[1] ?? 4);
  const bytes = new Uint8Array(before + dictionary.length + values.length * size);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, dictionary.length, true);
  else view.setUint32(8, dictionary.length, true);
  bytes.set(new TextEncoder().encode(dictionary), before);
  const little = descr[0] !== '>';
  values.forEach((value, i) => {
    const at = before + dictionary.length + i * size;
    SETTERS[descr.replace(/^[<>|]/, '')]?.(view, at, value, little);
  });
  return bytes;
}

/** Opens a file whose bytes come in pieces that end anywhere, as from a disk. */
const open = (bytes: Uint8Array, piece: number) => npy.open(arrayInput('a.npy', () => bytesOf(bytes, piece)));
const PIECES = [1, 7, 64, 1000];

describe('valid files are read', () => {
  for (const descr of ['<f4', '>f4', '<f8', '>f8']) {
    test(`${descr} in either order, whole and in pieces`, async () => {
      for (const fortran of [false, true]) {
        const wanted = { rows: 2, columns: 3, data: Float32Array.from(fortran ? [1.5, 3.25, 5, -2, 4, -6.5] : VALUES) };
        const bytes = file(descr, fortran, '2, 3', VALUES);
        assert.deepEqual(readNpy(bytes, 'a.npy'), wanted);
        for (const piece of PIECES) assert.deepEqual(await wholeMatrix(open(bytes, piece).rows(2)), wanted);
      }
    });
  }
  for (const descr of ['<f2', '>f2', '<i2', '>i4', '<i8', '>u8', '|b1']) {
    test(`${descr} in either order, as numbers and as energies`, async () => {
      const values = descr === '|b1' ? [0, 1, 1, 0, 1, 0] : [1, 2, 3, 4, 5, 6];
      for (const fortran of [false, true]) {
        const order = fortran ? [0, 2, 4, 1, 3, 5] : [0, 1, 2, 3, 4, 5];
        const wanted = { rows: 2, columns: 3, data: Float32Array.from(order, (at) => values[at] as number) };
        const bytes = file(descr, fortran, '2, 3', values);
        assert.deepEqual(readNpy(bytes, 'a.npy'), wanted);
        for (const piece of PIECES) assert.deepEqual(await wholeMatrix(open(bytes, piece).rows(2)), wanted);
      }
      assert.deepEqual(await wholeNumbers(open(file(descr, false, '1, 6', values), 7).numbers()), values);
    });
  }
  test('whole numbers and text as ids and groups', async () => {
    const column = (bytes: Uint8Array) =>
      Promise.all(PIECES.map((piece) => wholeColumn((open(bytes, piece).column as () => AsyncIterable<string[]>)())));
    for (const names of await column(file('<i8', false, '3,', [-1, 0, 2 ** 40])))
      assert.deepEqual(names, ['-1', '0', '1099511627776']);
    // np.save(f, np.array(['a', 'bü', 'c d']))
    const utf32 = file('<U3', false, '3,', []);
    const text = new Uint8Array([...utf32, ...new Uint8Array(Uint32Array.of(97, 0, 0, 98, 252, 0, 99, 32, 100).buffer)]);
    for (const names of await column(text)) assert.deepEqual(names, ['a', 'bü', 'c d']);
    const bytes = new Uint8Array([...file('|S2', false, '2,', []), 97, 0, 98, 99]);
    for (const names of await column(bytes)) assert.deepEqual(names, ['a', 'bc']);
  });
  test('one axis as a column, and versions 2 and 3', () => {
    for (const version of [1, 2, 3]) {
      const { rows, columns } = readNpy(file('<f4', false, '6,', VALUES, version), 'a.npy');
      assert.deepEqual([rows, columns], [6, 1]);
    }
  });
  test('files of numpy 2.1.3', () => {
    const saved = {
      // np.save(f, np.array([[1.5, -2, 3.25], [4, 5, -6.5]], dtype='>f8', order='F'))
      fortran:
        'k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/+AAAAAAAAEAQAAAAAAAAwAAAAAAAAABAFAAAAAAAAEAKAAAAAAAAwBoAAAAAAAA=',
      // the same with dtype='<f4', order='C'
      plain:
        'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/AAAAwAAAUEAAAIBAAACgQAAA0MA=',
    };
    for (const base64 of Object.values(saved)) {
      const { rows, columns, data } = readNpy(Buffer.from(base64, 'base64'), 'a.npy');
      assert.deepEqual([rows, columns, [...data]], [2, 3, VALUES]);
    }
    assert.deepEqual(
      writeNpy({ rows: 2, columns: 3, data: Float32Array.from(VALUES) }),
      new Uint8Array(Buffer.from(saved.plain, 'base64')),
    );
  });
  test('bytes at any offset', () => {
    const bytes = file('<f4', false, '2, 3', VALUES);
    for (let offset = 0; offset < 4; offset++) {
      const shifted = new Uint8Array(bytes.length + offset);
      shifted.set(bytes, offset);
      assert.deepEqual([...readNpy(shifted.subarray(offset), 'a.npy').data], VALUES);
    }
  });
  test('more than a chunk, in either order', async () => {
    const [rows, columns] = [30_000, 70];
    const values = Float64Array.from({ length: rows * columns }, (_, i) => i % 9973);
    for (const fortran of [false, true]) {
      const bytes = writeNpyArray({ shape: [rows, columns], data: values });
      if (fortran) bytes.set(new TextEncoder().encode('True, '), Buffer.from(bytes).indexOf('False,'));
      const wanted = Float32Array.from(values, (value, at) =>
        fortran ? (values[(at % columns) * rows + Math.floor(at / columns)] as number) : value,
      );
      let chunks = 0;
      const counted = async function* () {
        for await (const chunk of open(bytes, 1 << 20).rows(2)) {
          chunks++;
          yield chunk;
        }
      };
      const { data } = await wholeMatrix(counted());
      assert.ok(Buffer.from(data.buffer).equals(Buffer.from(wanted.buffer)));
      assert.ok(chunks > 1);
      assert.deepEqual(readNpy(bytes, 'a.npy').data, data);
    }
  });
  test('a column of energies without rounding', async () => {
    const energies = [8979.0001, 8979.0002, 8979.0003];
    for (const piece of PIECES) {
      assert.deepEqual(await wholeNumbers(open(file('<f8', false, '3,', energies), piece).numbers()), energies);
      assert.deepEqual(await wholeNumbers(open(file('>f8', true, '3, 1', energies), piece).numbers()), energies);
    }
    await assert.rejects(wholeNumbers(open(file('<f4', false, '2, 3', VALUES), 7).numbers()), {
      message: /one column is needed/,
    });
  });
  test('all axes after the first are columns', async () => {
    for (const fortran of [false, true]) {
      const { rows, columns } = await wholeMatrix(open(file('<f4', fortran, '2, 3, 1', VALUES), 7).rows(3));
      assert.deepEqual([rows, columns], [2, 3]);
    }
  });
  test('a written file is read back', () => {
    const matrix = { rows: 3, columns: 2, data: Float32Array.from(VALUES) };
    const bytes = writeNpy(matrix);
    assert.equal(bytes.length % 4, 0);
    assert.deepEqual(readNpy(bytes, 'a.npy'), matrix);
  });
});

test('rows that are longer than a chunk', async () => {
  const data = Float64Array.from({ length: 2 * 1_500_001 }, (_, i) => i % 1000);
  const wide = writeNpyArray({ shape: [2, 1_500_001], data });
  for await (const { rows, columns, data: values } of npy.open(arrayInput('a.npy', () => bytesOf(wide))).rows(2)) {
    assert.deepEqual([columns, values.length], [1_500_001, rows * 1_500_001]);
    assert.ok([0, 1_500_000].every((column) => values[column] === data[column] || values[column] === data[1_500_001 + column]));
  }
});

test('text that is wider than a call has arguments, and code points that do not exist', async () => {
  const wide = file('<U300000', false, '1', []);
  const bytes = new Uint8Array(wide.length + 4 * 300_000).fill(0);
  bytes.set(wide);
  const view = new DataView(bytes.buffer);
  for (let at = wide.length; at < bytes.length; at += 4) view.setUint32(at, 0x61, true);
  const read = () => wholeColumn(npy.open(arrayInput('a.npy', () => bytesOf(bytes))).column?.() ?? assert.fail());
  assert.deepEqual(await read(), ['a'.repeat(300_000)]);
  view.setUint32(wide.length, 0x110000, true);
  assert.equal((await read())[0]?.[0], '\uFFFD');
});

describe('invalid files are refused', () => {
  const refused: [string, Uint8Array, RegExp][] = [
    [
      'a truncated file',
      file('<f4', false, '2, 3', VALUES).slice(0, -5),
      /a\.npy: the file is truncated: 1 of 2 rows are complete/,
    ],
    ['a file that is too long', file('<f4', false, '1, 3', VALUES), /12 bytes after the 1 rows/],
    ['an unsupported type', file('<M8', false, '3,', []), /its data type is <M8/],
    ['text', file('<U3', false, '0,', []), /it contains text/],
    ['an object', file('|O8', false, '', []), /it contains a Python object, such as a dict/],
    ['lists', file('|O', false, '3,', []), /it contains Python objects, such as lists of different lengths/],
    ['three axes', file('<f4', false, '1, 2, 3', VALUES), /the shape \(1, 2, 3\)/],
    ['another file', new TextEncoder().encode('hello, I am a text'), /not a valid \.npy file/],
    ['a structured type', file("[('a', '<f4')]", false, '2, 3', []), /its data type is structured \(a\)/],
    ['complex numbers', file('<c8', false, '3,', VALUES), /its data type is <c8/],
    ['a single number', file('<f8', false, '', [1]), /a single number/],
    ['no columns', file('<f4', false, '6, 0', []), /no columns/],
    ['more columns than memory holds', file('<f8', false, '1, 9999999999', VALUES), /truncated: 0 of 1 rows/],
    ['more columns in Fortran order', file('<f8', true, '1, 999999999', VALUES), /truncated: 0 of 1 rows/],
    ['more rows than memory holds', file('<f8', false, '99999999999, 3', VALUES), /truncated: 2 of 99999999999 rows/],
    ['an invalid shape', file('<f4', false, '-2, 3', VALUES), /the shape \(-2, 3\) of its header is not valid/],
    ['another version', file('<f4', false, '2, 3', VALUES, 4), /version 4/],
    ['an empty file', new Uint8Array(0), /not a valid \.npy file/],
    ['a truncated header', file('<f4', false, '2, 3', VALUES).slice(0, 40), /truncated in its header/],
  ];
  for (const [what, bytes, message] of refused) {
    test(what, async () => {
      assert.throws(() => readNpy(bytes, 'a.npy'), { code: 'array-invalid', message });
      for (const piece of PIECES) {
        await assert.rejects(wholeMatrix(open(bytes, piece).rows(2)), { code: 'array-invalid', message });
      }
    });
  }

  test('the fix is that of the type', () => {
    const refuse = (descr: string, shape: string, fix: RegExp) =>
      assert.throws(() => readNpy(file(descr, false, shape, []), 'a.npy'), { code: 'array-invalid', fix });
    refuse('|O', '', /savez\("data\.npz", \*\*numpy\.load\(file, allow_pickle=True\)\.item\(\)\)/);
    refuse('|O', '3,', /numpy\.stack\(list\(array\)\)/);
    refuse('<c16', '3,', /array\.real.*array\.imag/);
    refuse("[('e', '<f8'), ('y', '<f8')]", '3,', /array\["e"\].*structured_to_unstructured/);
  });
});
