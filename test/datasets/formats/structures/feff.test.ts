import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseFeffInput } from '../../../../datasets/formats/structures/feff.ts';
import { splitSources } from '../../../../datasets/formats/structures/structures.ts';
import { sourceOf } from '../../../support/structures.ts';

const parse = (text: string) =>
  parseFeffInput({ bytes: new TextEncoder().encode(text), file: 'runs/7/feff.inp', name: '7', frame: 0, line: 1 });

const INPUT = ` * written by hand
 TITLE   copper  ! ATOMS below
 EDGE      K
 CONTROL   1  1  1  1  1  1
 POTENTIALS
*    ipot   Z  tag   lmax1 lmax2
      0     29  Cu   -1  -1  0.001
      1     8   O

 atoms
*   x         y         z     ipot  tag   distance
   0.00000   0.00000   0.00000  0  Cu   0.0
   0.00000   0.00000   1.84000  1  O.1  1.84    * nearest
   1.84D+00 -0.5       0.00000  1
 END
 1 2 3 4 beyond the end
`;

test('the cluster has elements, positions, and its potentials as tags', () => {
  const { species, positions, tags, lattice, periodic, name } = parse(INPUT);
  assert.deepEqual(species, ['Cu', 'O', 'O']);
  assert.deepEqual([...positions], [0, 0, 0, 0, 0, 1.84, 1.84, -0.5, 0]);
  assert.deepEqual([tags, lattice, periodic, name], [Int32Array.of(0, 1, 1), null, [false, false, false], '7']);
});

test('RMULTIPLIER scales the positions; cards are known by four letters, lines by any break', () => {
  const scaled = INPUT.replace(' EDGE      K', ' RMULT 2.0').replace('POTENTIALS', 'POTE').replaceAll('\n', '\r\n');
  assert.deepEqual([...parse(scaled).positions].slice(3, 6), [0, 0, 3.68]);
});

describe('invalid inputs are refused with file and line', () => {
  const cases: [string, string, string, number, RegExp][] = [
    ['without potentials', ' POTENTIALS', ' PRINT', 1, /it has no POTENTIALS/],
    ['without atoms', ' atoms', ' CIF a.cif', 1, /it has no ATOMS/],
    ['of an invalid potential', '29  Cu   -1', 'Cu 29 -1', 7, /"0 Cu 29 -1 -1 0.001" is not a valid potential/],
    ['of an atom without a number', '1.84D+00', '1.84X', 14, /"1.84X -0.5 0.00000 1" is not a valid atom/],
    ['of an unknown potential', '0.00000  1\n', '0.00000  2\n', 14, /atom 2 has the potential "2"/],
    ['of an atom without a potential', '0.00000  1\n', '0.00000\n', 14, /atom 2 has the potential ""/],
    ['of two absorbers', '0.00000  1\n', '0.00000  0\n', 1, /2 of its atoms have the potential 0/],
    ['with an invalid scale', ' EDGE      K', ' RMULTIPLIER x', 1, /RMULTIPLIER/],
  ];
  for (const [what, from, to, line, message] of cases) {
    test(what, () => {
      const text = INPUT.replace(from, to);
      assert.notEqual(text, INPUT);
      assert.throws(() => parse(text), { code: 'structures-invalid', path: `runs/7/feff.inp:${line}`, message });
    });
  }
});

test('an input that is too large to be held is refused', async () => {
  const chunks = async function* () {
    for (let i = 0; i < 65; i++) yield new Uint8Array(2 ** 20);
  };
  const read = async () => {
    for await (const _ of splitSources([sourceOf(chunks(), 'feff.inp')])) assert.fail('it is read');
  };
  await assert.rejects(read, { code: 'structures-invalid', message: /it has more than 64 MiB$/ });
});
