/** The shipped datasets match their READMEs. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Matrix } from '../models/axes.ts';
import { wholeDataset } from './support/whole.ts';

const EXAMPLES = fileURLToPath(new URL('../examples', import.meta.url));

const GRIDS = { xes: [513, 531, 0.15], xas: [530, 549.95, 0.15], xps: [537, 542.9, 0.1] } as const;

function range({ columns, data }: Matrix, column: number, digits: number): string {
  const values = data.filter((_, i) => i % columns === column);
  return `${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)}`;
}

for (const name of ['water', 'water-hot']) {
  describe(name, async () => {
    const readme = await readFile(join(EXAMPLES, name, 'README.md'), 'utf8');
    const { x, columns: described, targets, ids, manifest } = await wholeDataset(join(EXAMPLES, name));

    test('rows and columns', () => {
      const shapes = [['X', x] as const, ...Object.entries(targets).map(([target, { y }]) => [`Y_${target}`, y] as const)];
      for (const [file, { rows, columns }] of shapes) {
        assert.match(readme, new RegExp(`\\| \`${file}.npy\` +\\| ${rows} x ${columns} +\\|`));
      }
      assert.match(readme, new RegExp(`${x.rows} (further )?structures`));
      assert.equal(new Set(ids).size, x.rows);
    });

    test('ranges of the descriptors', () => {
      for (const [column, digits] of [1, 3, 3].entries()) {
        const { name: descriptor } = described[column] as { name: string };
        assert.ok(readme.includes(`${descriptor} ${range(x, column, digits)}`), `${descriptor} ${range(x, column, digits)}`);
      }
      for (let row = 0; row < x.rows; row++) {
        assert.ok((x.data[3 * row + 1] as number) >= (x.data[3 * row + 2] as number), `row ${row}: long before short bond`);
      }
    });

    test('energy grids, exactly', () => {
      for (const [target, [first, last, step]] of Object.entries(GRIDS)) {
        const energies = targets[target]?.energies ?? [];
        assert.equal(energies.length, Math.round((last - first) / step) + 1);
        for (const [i, energy] of energies.entries()) assert.equal(energy.toFixed(9), (first + i * step).toFixed(9));
      }
    });

    test('photoemission has unit area, nothing is negative', () => {
      const { y } = targets.xps as { y: Matrix };
      for (let row = 0; row < y.rows; row += 97) {
        const area = 0.1 * y.data.subarray(row * y.columns, (row + 1) * y.columns).reduce((sum, value) => sum + value, 0);
        assert.ok(Math.abs(area - 1) < 0.01, `row ${row}: ${area}`);
      }
      for (const spectra of Object.values(targets)) assert.ok(spectra.y.data.every((value) => value > -1e-6));
    });

    test('the licence', () => assert.equal(manifest.licence, 'MIT'));
  });
}

async function lines(...path: string[]): Promise<string[][]> {
  const text = await readFile(join(EXAMPLES, ...path), 'utf8');
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe('geo2', async () => {
  const folder = join(EXAMPLES, 'geo2');
  const readme = await readFile(join(folder, 'README.md'), 'utf8');
  const { x, targets, ids, manifest } = await wholeDataset(folder);
  const sites = await lines('geo2', 'sites.csv');
  const columns = 'file' in manifest.descriptors ? manifest.descriptors.columns : [];
  const { y, energies } = targets.xes as { y: Matrix; energies: readonly number[] };

  /** Returns the distances of a row from the site to the numbered neighbours. */
  const distances = (row: number, first: number, last: number) =>
    columns
      .slice(first, last)
      .map(({ distance }, i) => (distance?.numerator ?? Number.NaN) / (x.data[row * x.columns + first + i] as number));

  test('rows and columns', () => {
    assert.match(readme, new RegExp(`\\| \`X.npy\` +\\| ${x.rows} x ${x.columns} +\\|`));
    assert.match(readme, new RegExp(`\\| \`Y_xes.npy\` +\\| ${y.rows} x ${y.columns} +\\|`));
    assert.match(readme, new RegExp(`\\| \`sites.csv\` +\\| ${sites.length} +\\|`));
    assert.ok(readme.includes(`${x.rows} germanium sites`));
    assert.equal(new Set(ids).size, x.rows);
  });

  test('the energy grid, exactly', () => {
    assert.equal(energies.length, y.columns);
    for (const [i, energy] of energies.entries()) assert.equal(energy.toFixed(9), (11081 + 0.2 * i).toFixed(9));
    assert.match(readme, new RegExp(`${energies[0]?.toFixed(2)}-${energies.at(-1)?.toFixed(2)} eV in steps of 0.20`));
  });

  test('the pair and the numerator of every column', () => {
    const atoms = ['Ge0', ...[1, 2, 3, 4, 5, 6].map((n) => `O${n}`), ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `Ge${n}`)];
    const charge = (atom: string) => (atom.startsWith('Ge') ? 32 : 8);
    const pairs = atoms.flatMap((one, i) => atoms.slice(i + 1).map((other) => [one, other] as const));
    assert.deepEqual(
      columns.map(({ name, distance }) => [name, distance]),
      pairs.map(([one, other]) => [
        `${one}-${other}`,
        { numerator: charge(one) * charge(other), unit: 'angstrom', pair: [one, other] },
      ]),
    );
    for (let row = 0; row < x.rows; row++) {
      for (const sorted of [distances(row, 0, 6), distances(row, 6, 14)]) {
        assert.ok(
          sorted.every((value, i) => i === 0 || value >= (sorted[i - 1] as number) - 1e-4),
          `row ${row}: by distance`,
        );
      }
    }
  });

  test('rows, snapshots and distances by pressure', () => {
    const pressures = [...new Set(sites.map(([, pressure]) => pressure as string))];
    assert.equal(pressures.length, 10);
    const rows = readme.split('\n').filter((line) => /^\| +\d+ \| \d/.test(line));
    const cells = rows.map((line) => line.split('|').map((cell) => cell.trim()));
    for (const pressure of pressures) {
      const own = sites.flatMap(([, value], row) => (value === pressure ? [row] : []));
      const snapshots = new Set(own.map((row) => sites[row]?.[2]));
      const oxygen = own.map((row) => distances(row, 0, 6));
      assert.deepEqual(
        cells.find(([, value]) => value === pressure)?.filter((_, i) => [2, 3, 5, 6, 7].includes(i)),
        [
          String(own.length),
          String(snapshots.size),
          mean(oxygen.map((six) => six.filter((value) => value < 2.4).length)).toFixed(2),
          mean(oxygen.flat()).toFixed(3),
          mean(own.flatMap((row) => distances(row, 6, 10))).toFixed(3),
        ],
      );
    }
    assert.equal(cells.length, pressures.length);
    const bySnapshot = Map.groupBy(sites, ([, , snapshot]) => snapshot);
    assert.ok([...bySnapshot.values()].every(({ length }) => length === 80));
    assert.match(readme, /80 sites in each/);
  });

  test('groups, series and licence', () => {
    assert.deepEqual(manifest.groups, { file: 'sites.csv', column: 'snapshot' });
    assert.deepEqual(manifest.series, { name: 'pressure', unit: 'GPa', file: 'sites.csv', column: 'pressure' });
    assert.equal(manifest.licence, 'MIT');
    assert.ok(y.data.every((value) => value > 0));
  });
});

for (const name of ['omnixas-v', 'omnixas-co']) {
  describe(name, async () => {
    const folder = join(EXAMPLES, name);
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const { x, targets, ids, manifest } = await wholeDataset(folder);
    const { y, energies } = targets.xas as { y: Matrix; energies: readonly number[] | null };
    const sites = await lines(name, 'sites.csv');

    test('rows and columns', () => {
      assert.match(readme, new RegExp(`\\| \`X.npy\` +\\| ${x.rows} x ${x.columns} +\\|`));
      assert.match(readme, new RegExp(`\\| \`Y_xas.npy\` +\\| ${y.rows} x ${y.columns} +\\|`));
      assert.match(readme, new RegExp(`\\| \`sites.csv\` +\\| ${sites.length} +\\|`));
      assert.equal(new Set(ids).size, x.rows);
      assert.equal(energies ?? null, null, 'no energy axis came with the data');
    });

    test('materials and parts', () => {
      for (const [id, material] of sites) assert.equal(id?.split('_')[0], material);
      const parts = Map.groupBy(sites, ([, material]) => material);
      assert.ok(readme.includes(`sites in ${parts.size} materials`));
      assert.ok([...parts.values()].every((own) => new Set(own.map(([, , part]) => part)).size === 1));
      const count = (text: RegExp) => sites.filter((cells) => text.test(cells.join(','))).length;
      assert.ok(readme.includes(`${count(/,val$/)} rows \`val\`, ${count(/,test$/)} rows \`test\``));
      assert.ok(readme.includes(`${count(/^mp-/)} rows \`mp-\`, ${count(/^mvc-/)} rows \`mvc-\``));
    });

    test('the licence is shipped with the data', async () => {
      assert.equal(manifest.licence, 'BSD-3-Clause');
      const licence = await readFile(join(folder, 'LICENSE.txt'), 'utf8');
      assert.match(
        licence,
        /^BSD 3-Clause License\n\nCopyright \(c\) 2022, Brookhaven Science Associates, LLC, Brookhaven National Laboratory\./,
      );
    });
  });
}
