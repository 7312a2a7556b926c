import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseFrames } from '../../../../datasets/formats/structures/extxyz.ts';
import { splitFrameBlocks } from '../../../../datasets/formats/structures/frame-blocks.ts';
import { chunksOf, frameOf, framesOf, sourceOf } from '../../../support/structures.ts';

const COMMENT = 'Lattice="5 0 0 0 6 0 0 1 7" Properties=species:S:1:pos:R:3 pbc="T F T" energy=-1.5 name="two words"';

test('a frame has elements, positions, lattice, periodic axes and values', async () => {
  const frame = await frameOf(`2\n${COMMENT}\nGe 0 1 2\nO -0.5 1e-1 +3.25\n`);
  const { values, ...rest } = frame;
  assert.deepEqual(rest, {
    file: 'a.xyz',
    name: null,
    number: 0,
    line: 1,
    species: ['Ge', 'O'],
    positions: Float64Array.of(0, 1, 2, -0.5, 0.1, 3.25),
    lattice: Float64Array.of(5, 0, 0, 0, 6, 0, 0, 1, 7),
    periodic: [true, false, true],
    tags: null,
    unreadCell: null,
  });
  assert.deepEqual([values.get('energy'), values.get('name')], ['-1.5', 'two words']);
});

test('comment lines may have quotes, brackets, spaces around =, words without a value, escaped quotes', async () => {
  const { values } = await frameOf(
    '1\nfree words id = 7 a="x=1 y" b=\'c d\' e={1 2} "f g"=[3 4] q="say \\"no\\"" flag\nH 0 0 0\n',
  );
  assert.deepEqual(
    [...values],
    [
      ['id', '7'],
      ['a', 'x=1 y'],
      ['b', 'c d'],
      ['e', '1 2'],
      ['f g', '3 4'],
      ['q', 'say "no"'],
    ],
  );
});

test('further columns are allowed in any order', async () => {
  const { species, positions } = await frameOf(
    '1\nProperties=id:I:1:pos:R:3:forces:R:3:species:S:1:fixed:L:1\n7 1 2 3 9 9 9 H T\n',
  );
  assert.deepEqual([species, [...positions]], [['H'], [1, 2, 3]]);
});

test('plain xyz may have any comment, further columns, blank lines between frames, and each line ending', async () => {
  const frames = await framesOf('1\r\n\r\nH 0 0 0 0.5\r\n\r\n 2 \r\nwater E=-76\r\nO 0 0 0\r\nH 0 0 1');
  assert.deepEqual(
    frames.map(({ number, line, species, lattice, periodic }) => [
      number,
      line,
      species.join(),
      lattice,
      periodic.includes(true),
    ]),
    [
      [0, 1, 'H', null, false],
      [1, 5, 'O,H', null, false],
    ],
  );
});

test('a lattice without pbc is periodic; keys of the format are case-insensitive', async () => {
  const { lattice, periodic } = await frameOf('1\nlattice="2 0 0 0 2 0 0 0 2"\nH 0 0 0\n');
  assert.deepEqual([lattice?.length, periodic], [9, [true, true, true]]);
});

test('elements are symbols in any case, isotopes of hydrogen, or atomic numbers', async () => {
  const { species } = await frameOf('6\n\nGE 0 0 0\no 0 0 2\nD 0 0 4\nCL 0 0 6\n32 0 0 8\n8 0 0 10\n');
  assert.deepEqual(species, ['Ge', 'O', 'H', 'Cl', 'Ge', 'O']);
  for (const column of ['species:I:1', 'Z:I:1', 'numbers:I:1']) {
    assert.deepEqual((await frameOf(`1\nProperties=${column}:pos:R:3\n32 0 0 0\n`)).species, ['Ge'], column);
  }
});

test('positions may have the exponents of Fortran', async () => {
  const { positions } = await frameOf('1\n\nH 1.5D+00 -2.5d-1 .5D0\n');
  assert.deepEqual([...positions], [1.5, -0.25, 0.5]);
});

test('tags of ASE are read', async () => {
  const { tags } = await frameOf('2\nProperties=species:S:1:pos:R:3:tags:I:1\nCu 0 0 0 0\nO 0 0 1 2\n');
  assert.deepEqual(tags, Int32Array.of(0, 2));
});

test('a cell in the form of another program is noticed, and other text is not', async () => {
  const unread = async (comment: string) => (await frameOf(`1\n${comment}\nH 0 0 0\n`)).unreadCell;
  for (const cell of [
    'cell: 10 10 10',
    'CELL(abcABC): 35.2 35.2 35.2 90 90 90',
    'cell="10 0 0 0 10 0 0 0 10"',
    'box_vectors=[10, 10, 10]',
    'boxsize 12.5 12.5 12.5',
    'CRYST1 10.0 10.0 10.0 90 90 90',
    'Lattice 10 0 0',
    'a=10.1 b=10.1 c=12.2',
  ]) {
    const comment = `# step 1 ${cell}`;
    assert.ok(cell.startsWith((await unread(comment)) ?? '-'), comment);
  }
  for (const other of [
    '',
    'unit cell of a crystal',
    'E = -76.4',
    'Lattice="0 0 0 0 0 0 0 0 0"',
    'lattice_type=fcc',
    'excellent=1',
    'id=7 cell_id=3',
  ])
    assert.equal(await unread(other), null, other);
  assert.equal(await unread('Lattice="5 0 0 0 5 0 0 0 5" cell="5 5 5"'), null);
});

test('frames do not depend on the pieces of the file and the size of blocks', async () => {
  const text = Array.from({ length: 40 }, (_, i) => `${(i % 3) + 1}\nn=${i}\n${`O ${i} 0 0.5\n`.repeat((i % 3) + 1)}`).join('\n');
  const whole = await framesOf(text);
  assert.equal(whole.length, 40);
  for (const [chunk, block] of [
    [1, 1],
    [7, 30],
    [64, 1 << 20],
    [1 << 16, 100],
  ] as const) {
    assert.deepEqual(await framesOf(text, 'a.xyz', chunk, block), whole);
  }
});

test('a file is read only as far as its frames are requested', async () => {
  let read = 0;
  async function* endless() {
    for (const chunk = new TextEncoder().encode('1\n\nH 0 0 0\n'.repeat(100)); ; read += chunk.length) yield chunk;
  }
  let blocks = 0;
  for await (const { bytes } of splitFrameBlocks(sourceOf(endless()), 5000)) {
    assert.ok(bytes.length >= 5000 && bytes.length < 7000);
    assert.ok(read - 5000 * blocks < 20_000);
    if (++blocks === 100) break;
  }
});

test('an empty file has no frame', async () => assert.deepEqual(await framesOf('\n  \n'), []));

describe('invalid files are refused with frame and line', () => {
  const good = '1\n\nH 0 0 0\n';
  const at = (line: number, message: RegExp, fix?: RegExp) => ({
    code: 'structures-invalid',
    path: `a.xyz:${line}`,
    message,
    ...(fix && { fix }),
  });
  const cases: [string, string, Record<string, unknown>][] = [
    [
      'a truncated frame',
      `${good}3\n\nH 0 0 0\nH 0 0 1\n`,
      at(4, /^a\.xyz: frame 1 \(line 4\): the file ends within this frame: 2 of its 3 atoms are there$/),
    ],
    ['a frame truncated before its comment', `${good}3\n`, at(4, /frame 1 .*comment line is missing/)],
    ['a frame truncated within a line', '2\n\nH 0 0 0\nH 0 0', at(4, /frame 0 \(line 4\): atom 1: its line has 3 columns/)],
    ['a count that is not a number', `${good}${good}two\n\nH 0 0 0\n`, at(7, /frame 2 \(line 7\): .* not "two"/, /a frame is/)],
    ['more atoms than counted', `${good.trim()}\nH 0 0 1\n`, at(4, /frame 1 .* not "H 0 0 1"/, /has more atoms/)],
    [
      'a line behind the last atoms',
      `${good}${good}total energy -1.2\n`,
      at(7, /frame 2 .* not "total energy -1.2"/, /remove lines/),
    ],
    [
      'fewer atoms than counted',
      '3\n\nH 0 0 0\nH 0 0 1\n1\n\nH 0 0 0\n',
      at(5, /atom 2: its line has 1 columns/, /fewer atoms than its number, 3/),
    ],
    ['UTF-16', '\uFEFF1\n'.split('').join('\0'), at(1, /not text in UTF-8/, /iconv/)],
    ['decimal commas', '1\n\nH 0,5 0 0\n', at(3, /not a valid number: "0,5"/, /decimal points/)],
    ['a separator', `${good}--\n${good}`, at(4, /frame 1 \(line 4\): .* not "--"/, /remove lines/)],
    ['a cell behind the atoms', `${good}VEC1 5.0 0 0\n`, at(4, /not "VEC1 5\.0 0 0"/, /Lattice=/)],
    ['a cell among the atoms', '2\n\nH 0 0 0\nTv 5 0 0\n', at(4, /"Tv" is not a valid element/, /Lattice=/)],
    ['a tag that is not a whole number', '1\nProperties=species:S:1:pos:R:3:tags:I:1\nH 0 0 0 x\n', at(3, /its tag .*"x"/)],
    ['no atoms', '0\n\n', at(1, /number of atoms, not "0"/)],
    [
      'an unknown type in Properties',
      '1\nProperties=species:S:1:pos:R:3:q:X:1\nH 0 0 0 1\n',
      at(2, /column q has the unknown type "X"/, /S, R, I and L/),
    ],
    ['a width in Properties', '1\nProperties=species:S:1:pos:R:3:q:R:x\nH 0 0 0 1\n', at(2, /column q has the width "x"/)],
    [
      'Properties that are not a list',
      '1\nProperties=species:S:pos:R:3\nH 0 0 0 1\n',
      at(2, /not a valid list of name:type:count/),
    ],
    ['Properties without positions', '1\nProperties=species:S:1:position:R:3\nH 0 0 0\n', at(2, /the column pos:R:3 is missing/)],
    ['fewer columns than named', '1\nProperties=species:S:1:pos:R:3:q:R:1\nH 0 0 0\n', at(3, /4 columns; Properties names 5/)],
    ['more columns than named', '1\nProperties=species:S:1:pos:R:3\nH 0 0 0 1\n', at(3, /5 columns; Properties names 4/)],
    ['a blank line within a frame', '2\n\nH 0 0 0\n\nH 0 0 1\n', at(4, /atom 1: its line has 0 columns/)],
    [
      'a position that is not a number',
      '2\n\nH 0 0 0\nH 0 1.5x 0\n',
      at(4, /frame 0 \(line 4\): atom 1: its position is not a valid number: "1\.5x"/),
    ],
    ['a position that is not finite', '1\n\nH 0 nan 0\n', at(3, /not a valid number: "nan"/)],
    ['an unknown element', '2\n\nH 0 0 0\nXx 0 0 1\n', at(4, /atom 1: "Xx" is not a valid element symbol/, /periodic table/)],
    ['a missing lattice', '1\npbc="T T T"\nH 0 0 0\n', at(2, /periodic \(pbc\) but has no Lattice/, /add Lattice=/)],
    [
      'a lattice that is not nine numbers',
      '1\nLattice="1 0 0 0 1 0"\nH 0 0 0\n',
      at(2, /Lattice is "1 0 0 0 1 0"/, /nine numbers/),
    ],
    ['a lattice that is not closed', '1\nLattice="1 0 0 0 1 0 0 0 1\nH 0 0 0\n', at(2, /its Lattice is/)],
    ['a flat lattice', '1\nLattice="1 0 0 0 1 0 1 1 0"\nH 0 0 0\n', at(2, /are coplanar/)],
    ['a pbc without three flags', '1\nLattice="1 0 0 0 1 0 0 0 1" pbc="T T"\nH 0 0 0\n', at(2, /pbc is "T T"/)],
  ];
  for (const [what, text, expected] of cases) test(what, () => assert.rejects(framesOf(text), expected));
});

test('frames that are too large to be held are refused, after those before them', async () => {
  const frame = '1\n\nH 0 0 0\n';
  const read = async (chunks: AsyncIterable<Uint8Array>) => {
    let frames = 0;
    const error = await (async () => {
      for await (const block of splitFrameBlocks(sourceOf(chunks))) frames += [...parseFrames(block)].length;
    })().catch(({ code, message }) => `${code}: ${message}`);
    return [frames, error];
  };
  const long = async function* (line: string) {
    yield new TextEncoder().encode(`${frame}${line}`);
    for (let i = 0; i < 65; i++) yield new Uint8Array(2 ** 20).fill(0x20);
  };
  const fault = (line: number, what: string) => `structures-invalid: a.xyz: frame 1 (line ${line}): it has more than ${what}`;
  assert.deepEqual(await read(chunksOf(`${frame}999999999\n\nH 0 0 0\n`)), [1, fault(4, '500000 atoms')]);
  assert.deepEqual(await read(long('3\ncomment')), [1, fault(4, '64 MiB')]);
  assert.deepEqual(await read(long('')), [1, fault(4, '64 MiB')]);
});
