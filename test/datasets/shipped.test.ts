/** The shipped datasets are what their READMEs say. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkDatasetFolder } from '../../datasets/import.ts';
import type { Matrix } from '../../models/axes.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

const GRIDS = { xes: [513, 531, 0.15], xas: [530, 549.95, 0.15], xps: [537, 542.9, 0.1] } as const;

function range({ columns, data }: Matrix, column: number, digits: number): string {
  const values = data.filter((_, i) => i % columns === column);
  return `${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)}`;
}

for (const name of ['water', 'water-hot']) {
  describe(name, async () => {
    const readme = await readFile(join(EXAMPLES, name, 'README.md'), 'utf8');
    const { x, columns: described, targets, ids, manifest } = await checkDatasetFolder(join(EXAMPLES, name));

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
