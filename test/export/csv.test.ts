import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvWriter, shortestFloat32 } from '../../export/csv.ts';
import type { Column } from '../../export/table.ts';
import { stream } from '../../models/random.ts';

const text = (...pieces: Uint8Array[]) => pieces.map((piece) => new TextDecoder().decode(piece)).join('');

test('csv has a header, quotes where needed and empty cells for missing values', () => {
  const columns: Column[] = [
    { name: 'trial', type: 'text' },
    { name: 'k', type: 'integer' },
    { name: 'kept', type: 'boolean' },
    { name: 'covered', type: 'float64' },
    { name: 'latent_1', type: 'float32' },
  ];
  const csv = csvWriter(columns);
  const first = csv.write([['a, "b"\nc', 2, true, 0.1 + 0.2, Math.fround(0.1)]]);
  const second = csv.write([
    [null, null, null, null, null],
    ['ü', 0, false, Number.NaN, -0],
    ['', 1, false, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  ]);
  assert.equal(
    text(first, second, csv.finish()),
    'trial,k,kept,covered,latent_1\n"a, ""b""\nc",2,True,0.30000000000000004,0.1\n,,,,\nü,0,False,NaN,-0.0\n,1,False,-inf,inf\n',
  );
});

test('texts that a spreadsheet would run start with an apostrophe; numbers do not', () => {
  const columns: Column[] = [
    { name: '=name', type: 'text' },
    { name: 'value', type: 'float64' },
  ];
  const csv = csvWriter(columns);
  const bytes = csv.write([
    ['=HYPERLINK("http://a.example")', -1.5],
    ['-1.5', -2],
  ]);
  assert.equal(text(bytes), '\'=name,value\n"\'=HYPERLINK(""http://a.example"")",-1.5\n-1.5,-2\n');
});

test('a csv table without rows consists of its header', () => {
  assert.equal(text(csvWriter([{ name: 'trial', type: 'text' }]).finish()), 'trial\n');
});

test('float32 is written in the fewest digits that read back the same, for any bits', () => {
  const { uniform } = stream(1, 'float32');
  const bits = new Uint32Array(1);
  const float = new Float32Array(bits.buffer);
  let longest = 0;
  for (let i = 0; i < 20_000; i++) {
    bits[0] = Math.floor(uniform() * 2 ** 32);
    const value = float[0] as number;
    if (!Number.isFinite(value)) continue;
    const written = shortestFloat32(value);
    assert.ok(Object.is(Math.fround(Number(written)), value) || value === 0, `${value} as ${written}`);
    const digits = written
      .replace(/e.*/, '')
      .replace(/\D/g, '')
      .replace(/^0+|0+$/g, '');
    longest = Math.max(longest, digits.length);
  }
  assert.equal(longest, 9);
  assert.equal(shortestFloat32(Math.fround(11093.3)), '11093.3');
});
