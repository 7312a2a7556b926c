/** The memory of an import does not depend on the size of its files. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { zipSync } from 'fflate';
import { writeNpy, writeNpyArray } from '../../../datasets/formats/npy.ts';
import type { Matrix } from '../../../models/axes.ts';
import { stream } from '../../../models/random.ts';
import { parquetOf, writeHdf5 } from '../../support/files.ts';
import { glass } from '../../support/structures.ts';

const MEASURE = fileURLToPath(new URL('../../support/import-peak.ts', import.meta.url));

const COLUMNS = 128;

/**
 * Limits the garbage that V8 has not collected yet, which varies by more than a chunk.
 */
const LITTLE_GARBAGE = ['--max-old-space-size=40', '--max-semi-space-size=1'];

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'narrows-memory-'));
});
after(() => rm(root, { recursive: true, force: true }));

const spectra = `unit: "1" }`;
const manifestOf = (x: string, y: string) =>
  `name: large\ntitle: Made up\nlicence: MIT\nsource: this test\ndescriptors: ${x}\ntargets: ${y}\n`;
const X = '{ file: X.npy, columns: [{ name: a, unit: "" }] }';

/** Writes a dataset with the target y to a folder. */
type Write = (folder: string, y: Matrix) => Promise<string>;

const FORMATS: Readonly<Record<string, Write>> = {
  async 'npy and moments of its spectra'(folder, y) {
    await writeFile(join(folder, 'Y.npy'), writeNpy(y));
    await writeFile(
      join(folder, 'e.npy'),
      writeNpyArray({ shape: [COLUMNS], data: Float64Array.from({ length: COLUMNS }, (_, e) => e) }),
    );
    return manifestOf(
      X,
      `{ y: { file: Y.npy, energies: e.npy, ${spectra}, m: { moments: { of: y, windows: { w: [0, 127] } } } }`,
    );
  },
  async 'npy in Fortran order'(folder, y) {
    const bytes = writeNpy(y);
    bytes.set(new TextEncoder().encode('True, '), Buffer.from(bytes.buffer).indexOf('False,'));
    await writeFile(join(folder, 'Y.npy'), bytes);
    return manifestOf(X, `{ y: { file: Y.npy, ${spectra} }`);
  },
  async npz(folder, y) {
    await writeFile(join(folder, 'Y.npz'), zipSync({ 'Y.npy': [writeNpy(y), { level: 1 }] }));
    return manifestOf(X, `{ y: { file: Y.npz#Y, ${spectra} }`);
  },
  async 'csv with ids and groups'(folder, { rows, data }) {
    const lines = [`id,group,${Array.from({ length: COLUMNS }, (_, e) => `e_${e}`).join(',')}`];
    const fields = Uint16Array.from(data, (value) => 1000 * value);
    for (let row = 0; row < rows; row++) {
      lines.push(
        `a-name-of-row-${row},a-name-of-group-${row >> 3},${fields.subarray(row * COLUMNS, (row + 1) * COLUMNS).join(',')}`,
      );
    }
    await writeFile(join(folder, 'Y.csv'), lines.join('\n'));
    return `${manifestOf(X, `{ y: { file: "Y.csv#e_*", ${spectra} }`)}ids: Y.csv\ngroups: { file: Y.csv, column: group }\n`;
  },
  async HDF5(folder, { rows, columns, data }) {
    await writeHdf5(join(folder, 'Y.h5'), { Y: { data, shape: [rows, columns] } });
    return manifestOf(X, `{ y: { file: Y.h5#/Y, ${spectra} }`);
  },
  async 'HDF5 in tall chunks'(folder, { rows, columns, data }) {
    // Compresses quickly.
    const whole = data.map((value) => Math.round(8 * value));
    await writeHdf5(join(folder, 'Y.h5'), { Y: { data: whole, shape: [rows, columns], chunks: [Math.min(rows, 16_384), 4] } });
    return manifestOf(X, `{ y: { file: Y.h5#/Y, ${spectra} }`);
  },
  async Parquet(folder, { rows, data }) {
    const columns = Array.from({ length: COLUMNS }, (_, e) => ({
      name: `e_${e}`,
      type: 'FLOAT' as const,
      data: Float32Array.from({ length: rows }, (_, row) => data[row * COLUMNS + e] as number),
    }));
    await writeFile(join(folder, 'Y.parquet'), parquetOf(columns, 16_384));
    return manifestOf(X, `{ y: { file: Y.parquet, ${spectra} }`);
  },
  async 'X computed from structures'(folder, { rows, data }) {
    // 128 columns: radial histograms of two elements.
    const frames = glass(rows / 64 / 16, [...Array(64).fill('Ge'), ...Array(64).fill('O')]);
    await writeFile(join(folder, 'a.xyz'), frames.repeat(16));
    await writeFile(join(folder, 'Y.npy'), writeNpy({ rows, columns: 1, data: data.slice(0, rows) }));
    const from = '{ from: { file: a.xyz, kind: radial-histogram, site: Ge, neighbours: [O, Ge], cutoff: 3, bins: 64 } }';
    return `${manifestOf(from, `{ y: { file: Y.npy, ${spectra} }`)}groups: a.xyz\n`;
  },
};

/** MiB as float32. */
const SIZES = [4, 32] as const;
/** Enough structures for threads at both sizes. */
const SIZES_OF_X = [20, 52] as const;
/** Some chunks and their copies, less than the difference of the files. */
const MOST = 26;
const ATTEMPTS = 5;

const rowsOf = (mib: number) => (mib * 2 ** 20) / 4 / COLUMNS;
const { uniform } = stream(1, 'memory');
const all = Float32Array.from({ length: rowsOf(SIZES_OF_X[1]) * COLUMNS }, () => 0.5 + uniform());

/**
 * Returns the smallest of some attempts, or the first below `enough`: uncollected garbage only adds
 * to a peak.
 */
async function peakOf(write: Write, mib: number, enough = Number.POSITIVE_INFINITY): Promise<number> {
  const folder = join(root, String(mib));
  await mkdir(folder);
  const rows = rowsOf(mib);
  await writeFile(join(folder, 'X.npy'), writeNpy({ rows, columns: 1, data: all.subarray(0, rows) }));
  const y = { rows, columns: COLUMNS, data: all.subarray(0, rows * COLUMNS) };
  await writeFile(join(folder, 'dataset.yaml'), await write(folder, y));
  let peak = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < ATTEMPTS && peak >= enough; attempt++) {
    const { stdout } = await promisify(execFile)(process.execPath, [...LITTLE_GARBAGE, MEASURE, folder]);
    peak = Math.min(peak, Number(stdout));
  }
  await rm(folder, { recursive: true });
  return peak;
}

describe('the peak memory of a large file exceeds that of a small one by at most some chunks', () => {
  for (const [format, write] of Object.entries(FORMATS)) {
    test(format, async (t) => {
      const sizes = format.startsWith('X') ? SIZES_OF_X : SIZES;
      const small = await peakOf(write, sizes[0]);
      const large = await peakOf(write, sizes[1], small + MOST);
      t.diagnostic(`${sizes.join(' and ')} MiB took ${small} and ${large} MiB`);
      assert.ok(large - small < MOST);
    });
  }
});
