import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DescribedRows, type DescribeOptions, describeStructures } from '../../../datasets/descriptors/describe.ts';
import type { LabelKeys } from '../../../datasets/descriptors/rows.ts';
import type { DescriptorSetting } from '../../../datasets/descriptors/setting.ts';
import { chunksOf, glass, sourceOf } from '../../support/structures.ts';

const coulomb: DescriptorSetting = {
  kind: 'coulomb-matrix',
  file: 'a.xyz',
  site: 'Ge',
  neighbours: [
    { element: 'O', count: 4 },
    { element: 'Ge', count: 3 },
  ],
};
const angles: DescriptorSetting = {
  kind: 'angular-histogram',
  file: 'a.xyz',
  site: 'Ge',
  neighbours: ['O', 'Ge'],
  cutoff: 3,
  bins: 9,
  smearing: 10,
};
const molecule: DescriptorSetting = { kind: 'internal-coordinates', file: 'a.xyz' };
const numbers: LabelKeys = { ids: null, groups: undefined };
const ATOMS = [...Array(4).fill('Ge'), ...Array(8).fill('O')];
const GLASS = glass(60, ATOMS);

/** Collects all rows. */
async function whole(parts: AsyncIterable<DescribedRows>) {
  const data: number[] = [];
  const [ids, groups]: [string[], string[]] = [[], []];
  let columns: DescribedRows['columns'] = [];
  for await (const { rows, ...part } of parts) {
    columns = part.columns;
    for (const value of rows.x) data.push(value);
    ids.push(...rows.ids);
    groups.push(...(rows.groups ?? []));
  }
  const x = { rows: ids.length, columns: data.length / ids.length, data: Float32Array.from(data) };
  return { x, columns, ids, groups };
}

const of = (text: string, setting: DescriptorSetting = coulomb, options: DescribeOptions = {}, labels: LabelKeys = numbers) =>
  whole(describeStructures([sourceOf(chunksOf(text, 1000))], setting, labels, options));

describe('descriptors are the same bits', () => {
  for (const setting of [coulomb, angles]) {
    test(`for ${setting.kind}, whatever the number of threads and the size of blocks`, async () => {
      const alone = await of(GLASS, setting);
      assert.deepEqual([alone.x.rows, alone.x.columns, alone.ids.length], [240, alone.columns.length, 240]);
      for (const [threads, blockBytes] of [
        [1, 5000],
        [2, 5000],
        [2, 700],
        [3, 20_000],
      ] as const) {
        const other = await of(GLASS, setting, { threads, blockBytes, smallBytes: 0 });
        assert.ok(
          Buffer.from(other.x.data.buffer).equals(Buffer.from(alone.x.data.buffer)),
          `${threads} threads, ${blockBytes} bytes`,
        );
        assert.deepEqual(other.ids, alone.ids);
      }
    });
  }
});

test('ids and groups are the numbers of frame and atom, or a key of the comment line', async () => {
  const sites = await of(GLASS, coulomb, { threads: 2, blockBytes: 2000, smallBytes: 0 }, { ids: 'snapshot', groups: null });
  assert.deepEqual([sites.ids[0], sites.ids[5], sites.ids[239]], ['s0:0', 's0:1', 's29:3']);
  assert.deepEqual([sites.groups?.[3], sites.groups?.[4], sites.groups?.length], ['0', '1', 240]);
  const whole = await of(
    GLASS,
    { ...molecule, coordinates: [{ name: 'a', atoms: [0, 1] }] },
    {},
    {
      ids: null,
      groups: 'snapshot',
    },
  );
  assert.deepEqual([whole.ids[59], whole.groups?.[59], whole.x.rows], ['59', 's29', 60]);
});

test('keys of the comment lines choose frames, which keep their numbers', async () => {
  const text = ['bulk', 'slab', 'bulk', 'gas']
    .map((type, i) => `2\nconfig_type=${type} T=${100 * i}.0 converged=${i < 3 ? 'T' : 'F'}\nH 0 0 0\nH 0 0 ${1 + i}\n`)
    .join('');
  const chosen = async (frames: DescriptorSetting['frames'], blockBytes = 1) =>
    (await of(text, { ...molecule, frames }, { blockBytes, smallBytes: 0 })).ids.join();
  assert.equal(await chosen({ config_type: 'bulk' }), '0,2');
  assert.equal(await chosen({ config_type: ['gas', 'slab'] }, 1000), '1,3');
  assert.equal(await chosen({ config_type: ['gas', 'slab'], converged: true }), '1');
  assert.equal(await chosen({ T: 200 }), '2');
  await assert.rejects(chosen({ config_type: 'liquid' }), {
    code: 'dataset-empty',
    message: 'a.xyz has no frame with config_type liquid',
    fix: 'its comment lines have config_type=bulk, config_type=slab, config_type=gas',
  });
  await assert.rejects(chosen({ config: 'bulk' }), {
    fix: 'its comment lines have no key "config" (they have config_type, T, converged)',
  });
});

test('cancelling ends with the reason and stops reading', { timeout: 20_000 }, async () => {
  const stop = new AbortController();
  let chunks = 0;
  const bytes = new TextEncoder().encode(GLASS);
  async function* endless() {
    for (;;) {
      if (++chunks === 20) stop.abort(new Error('enough'));
      yield bytes;
    }
  }
  await assert.rejects(
    whole(
      describeStructures([sourceOf(endless())], coulomb, numbers, {
        threads: 2,
        blockBytes: 10_000,
        smallBytes: 0,
        signal: stop.signal,
      }),
    ),
    {
      message: 'enough',
    },
  );
  assert.equal(chunks, 20);
  const aborted = AbortSignal.abort(new Error('before'));
  await assert.rejects(of(GLASS, coulomb, { signal: aborted }), { message: 'before' });
});

test('at most as many blocks are read as the threads process', { timeout: 20_000 }, async () => {
  // Each frame is a block. The first has two atoms at one position: its error stops reading as soon
  // as it is the oldest.
  const frame = (second: string) => `2\n\nH 0 0 0\nH 0 0 ${second}\n`;
  let read = 0;
  async function* frames() {
    for (; read < 1000; read++) yield new TextEncoder().encode(frame(read === 0 ? '0' : '1'));
  }
  const angle: DescriptorSetting = { kind: 'coulomb-matrix', file: 'a.xyz', site: 0, neighbours: [{ element: 'H', count: 1 }] };
  await assert.rejects(
    whole(describeStructures([sourceOf(frames())], angle, numbers, { threads: 2, blockBytes: 1, smallBytes: 0 })),
    {
      code: 'structures-unfit',
    },
  );
  assert.ok(read < 10, `${read} frames were read`);
});

describe('invalid structures are refused with their frame', () => {
  const h2 = '2\n\nH 0 0 0\nH 0 0 1\n';
  const good = glass(1, ATOMS);
  const cases: [string, string, DescriptorSetting, Record<string, unknown>, LabelKeys?][] = [
    ['a file without a frame', ' \n', molecule, { code: 'dataset-empty', path: 'a.xyz' }],
    [
      'other atoms than in the first frame',
      `${h2}2\n\nH 0 0 0\nO 0 0 1\n`,
      molecule,
      { code: 'structures-unfit', path: 'a.xyz:5', message: 'a.xyz: frame 1 (line 5): it has O as atom 1, frame 0 has H' },
    ],
    [
      'more atoms than in the first frame',
      `${h2}3\n\nH 0 0 0\nH 0 0 1\nH 0 0 2\n`,
      molecule,
      { code: 'structures-unfit', message: /it has 3 atoms, frame 0 has 2/ },
    ],
    [
      'fewer atoms than in the first frame',
      `${h2}1\n\nH 0 0 0\n`,
      molecule,
      { code: 'structures-unfit', message: /it has 1 atoms, frame 0 has 2/ },
    ],
    [
      'a missing lattice after a frame with one',
      `${good}2\n\nGe 0 0 0\nO 0 0 1\n`,
      coulomb,
      { code: 'structures-unfit', path: 'a.xyz:15', message: /frame 1 .*it has no Lattice, frame 0 is periodic/ },
    ],
    [
      'a frame without a site',
      `${h2}`,
      coulomb,
      { code: 'structures-unfit', message: /it has no atom of Ge/, fix: 'its elements are H' },
    ],
    [
      'another element at the number of the site',
      `${h2}2\n\nO 0 0 0\nH 0 0 1\n`,
      { ...coulomb, site: 0, neighbours: [{ element: 'H', count: 1 }] },
      { code: 'structures-unfit', message: /atom 0 is O, but H in frame 0/, fix: /site: H/ },
    ],
    [
      'a site number that does not exist',
      h2,
      { ...coulomb, site: 2 },
      { code: 'structures-unfit', message: /it has 2 atoms and no atom 2/ },
    ],
    [
      'two atoms at one position',
      `${h2}2\n\nH 0 0 0\nH 0 0 0\n`,
      { ...coulomb, site: 1, neighbours: [{ element: 'H', count: 1 }] },
      { code: 'structures-unfit', message: /frame 1 \(line 5\): atom 1, "H0-H1" is Infinity/, fix: /two atoms at one position/ },
    ],
    [
      'an undefined angle',
      '3\n\nH 0 0 0\nO 0 0 0\nH 0 0 1\n',
      { ...molecule, coordinates: [{ name: 'alpha', atoms: [0, 1, 2] }] },
      { code: 'structures-unfit', message: /frame 0 \(line 1\): "alpha" is NaN/ },
    ],
    [
      'a key that a frame lacks',
      `2\nrun=a\nH 0 0 0\nH 0 0 1\n${h2}`,
      molecule,
      { code: 'structures-unfit', path: 'a.xyz:5', message: /no key "run", which the manifest names for the groups/ },
      { ids: null, groups: 'run' },
    ],
    [
      'two coordinates with one name',
      h2,
      {
        ...molecule,
        bonds: [
          [0, 1],
          [0, 1],
        ],
      },
      { code: 'manifest-invalid', message: /two descriptors have the name "distance H0-H1"/ },
    ],
  ];
  for (const [what, text, setting, expected, labels] of cases) {
    test(what, () => assert.rejects(of(text, setting, {}, labels), expected));
    test(`${what}, in threads`, () =>
      assert.rejects(of(text, setting, { threads: 2, blockBytes: 1, smallBytes: 0 }, labels), expected));
  }

  test('the first fault of the file is reported, whichever thread finds one first', async () => {
    const fault = '2\n\nH 0 0 0\nH 0 0 x\n';
    for (const later of [fault, '3\n\nH 0 0 0\n', 'two\n'])
      for (const [blockBytes, smallBytes] of [
        [1, 0],
        [60, 0],
        [60, 1000],
        [10_000, 1000],
      ] as const) {
        const text = `${h2.repeat(5)}${fault}${h2.repeat(3)}${later}`;
        await assert.rejects(of(text, molecule, { threads: 2, blockBytes, smallBytes }), {
          path: 'a.xyz:24',
          code: 'structures-invalid',
        });
      }
  });
});
