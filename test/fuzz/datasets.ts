/** Small valid dataset folders in every format, from which inputs are mutated. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { writeNpy } from '../../datasets/formats/npy.ts';
import { MANIFEST } from '../../datasets/manifest-name.ts';
import { matrixOf } from '../support/data.ts';
import { writeFeffRuns } from '../support/datasets/feff-runs.ts';
import { parquetOf, writeHdf5 } from '../support/files.ts';
import { glass } from '../support/structures.ts';

/** Files of a folder by their path in it. */
export type Files = ReadonlyMap<string, Buffer>;

const ROWS = 12;
const ENERGIES = [10, 11, 12, 13, 14];
const xAt = (row: number, d: number) => Math.sin(1 + 3 * row + 7 * d);
const yAt = (row: number, e: number) => 2 + xAt(row, 0) * Math.cos(e) + xAt(row, 1);
const NAMES = ['a', 'b', 'c'];
const COLUMNS = '[{ name: a, unit: angstrom }, { name: b, unit: degree }, { name: c, unit: angstrom }]';
const HEAD = 'name: little\ntitle: A little dataset\nlicence: MIT\nsource: a test\n';
const X = matrixOf(ROWS, NAMES.length, xAt);
const Y = matrixOf(ROWS, ENERGIES.length, yAt);
const rowsOf = (head: readonly string[], columns: number, at: (row: number, column: number) => number, separator: string) =>
  [
    ...(head.length > 0 ? [head.join(separator)] : []),
    ...Array.from({ length: ROWS }, (_, row) => Array.from({ length: columns }, (_, c) => at(row, c).toFixed(6)).join(separator)),
    '',
  ].join('\n');
const IDS = `id,snapshot\n${Array.from({ length: ROWS }, (_, row) => `r${row},s${row >> 1}\n`).join('')}`;
const ENERGY_TEXT = `energy\n${ENERGIES.join('\n')}\n`;
const ENERGY_NAMES = ENERGIES.map((energy) => `e_${energy}`);

const filesOf = (files: Readonly<Record<string, string | Uint8Array>>): Files =>
  new Map(Object.entries(files).map(([name, content]) => [name, Buffer.from(content as Uint8Array)]));

/** Packs a folder as a zip archive. */
export const archiveOf = (files: Files): Buffer => Buffer.from(zipSync(Object.fromEntries(files)));

/** Folders by name: each has a manifest, and a format of its own. */
export async function buildDatasets(): Promise<ReadonlyMap<string, Files>> {
  const scratch = mkdtempSync(join(tmpdir(), 'narrows-fuzz-'));
  try {
    const hdf5 = join(scratch, 'data.h5');
    await writeHdf5(hdf5, {
      'in/X': { data: X.data, shape: [ROWS, NAMES.length], chunks: [4, NAMES.length] },
      Y: { data: Y.data, shape: [ROWS, ENERGIES.length], attributes: { scale_factor: Float64Array.of(1) } },
      E: { data: Float64Array.from(ENERGIES) },
      groups: { data: Array.from({ length: ROWS }, (_, row) => `s${row >> 1}`) },
    });
    writeFeffRuns(scratch, 6);
    return new Map([
      ['npy', npyDataset()],
      ['npz', npzDataset()],
      ['hdf5', hdf5Dataset(readFileSync(hdf5))],
      ['parquet', parquetDataset()],
      ['csv', textDataset('csv', ',')],
      ['tsv', textDataset('tsv', '\t')],
      ['txt', txtDataset()],
      ['structures', structuresDataset()],
      ['feff', feffDataset(scratch)],
    ]);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const npyDataset = () =>
  filesOf({
    [MANIFEST]: `${HEAD}descriptors: { file: X.npy, columns: ${COLUMNS} }
targets:
  xes: { file: Y.npy, energies: energy.csv, unit: counts }
  area: { moments: { of: xes, windows: { all: [10, 14] }, each: [area, mean] } }
ids: { file: ids.csv, column: id }
groups: { file: ids.csv, column: snapshot }
`,
    'X.npy': writeNpy(X),
    'Y.npy': writeNpy(Y),
    'energy.csv': ENERGY_TEXT,
    'ids.csv': IDS,
  });

const npzDataset = () =>
  filesOf({
    [MANIFEST]: `${HEAD}descriptors: { file: "data.npz#X", columns: ${COLUMNS} }
targets: { xes: { file: "data.npz#Y", energies: energy.csv, unit: counts } }
`,
    'data.npz': zipSync({ 'X.npy': writeNpy(X), 'Y.npy': writeNpy(Y) }),
    'energy.csv': ENERGY_TEXT,
  });

const hdf5Dataset = (file: Uint8Array) =>
  filesOf({
    [MANIFEST]: `${HEAD}descriptors: { file: "data.h5#/in/X", columns: ${COLUMNS} }
targets: { xes: { file: "data.h5#/Y", energies: "data.h5#/E", unit: counts } }
groups: "data.h5#/groups"
`,
    'data.h5': file,
  });

const parquetDataset = () =>
  filesOf({
    [MANIFEST]: `${HEAD}descriptors: { file: "table.parquet#a,b,c", columns: ${COLUMNS} }
targets: { xes: { file: "table.parquet#e_*", energies: energy.csv, unit: counts } }
ids: { file: table.parquet, column: id }
`,
    'table.parquet': parquetOf(
      [
        { name: 'id', data: Array.from({ length: ROWS }, (_, row) => `r${row}`), type: 'STRING' },
        ...NAMES.map((name, d) => ({
          name,
          data: Float32Array.from({ length: ROWS }, (_, row) => xAt(row, d)),
          type: 'FLOAT' as const,
        })),
        ...ENERGY_NAMES.map((name, e) => ({
          name,
          data: Array.from({ length: ROWS }, (_, row) => yAt(row, e)),
          type: 'DOUBLE' as const,
        })),
      ],
      5,
    ),
    'energy.csv': ENERGY_TEXT,
  });

const textDataset = (extension: string, separator: string) =>
  filesOf({
    [MANIFEST]: `${HEAD}descriptors: { file: X.${extension}, columns: ${COLUMNS} }
targets: { xes: { file: "Y.${extension}#e_*", energies: energy.csv, unit: counts } }
series: { name: pressure, unit: GPa, file: "series.csv", column: p }
`,
    [`X.${extension}`]: rowsOf(NAMES, NAMES.length, xAt, separator),
    [`Y.${extension}`]: rowsOf(ENERGY_NAMES, ENERGIES.length, yAt, separator),
    'energy.csv': ENERGY_TEXT,
    'series.csv': `p\n${Array.from({ length: ROWS }, (_, row) => `${row % 3}\n`).join('')}`,
  });

const txtDataset = () =>
  filesOf({
    [MANIFEST]: `${HEAD}descriptors: { file: X.txt, columns: ${COLUMNS} }
targets: { xes: { file: Y.dat, transposed: true, unit: counts } }
`,
    'X.txt': rowsOf(['#', ...NAMES], NAMES.length, xAt, ' '),
    'Y.dat': ENERGIES.map(
      (energy, e) => `${[energy, ...Array.from({ length: ROWS }, (_, row) => yAt(row, e).toFixed(6))].join(' ')}\n`,
    ).join(''),
  });

const structuresDataset = () =>
  filesOf({
    [MANIFEST]: `${HEAD}descriptors: { from: { file: structures.xyz, kind: coulomb-matrix, site: Ge, neighbours: { O: 1, Ge: 1 } } }
targets: { xes: { file: Y.npy, energies: energy.csv, unit: counts } }
groups: { file: structures.xyz, key: snapshot }
`,
    'structures.xyz': glass(ROWS / 2, ['Ge', 'O', 'Ge', 'O']),
    'Y.npy': writeNpy(Y),
    'energy.csv': ENERGY_TEXT,
  });

function feffDataset(folder: string): Files {
  const runs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.startsWith('runs') && statSync(join(folder, file)).isFile())
    .sort();
  return filesOf({
    [MANIFEST]: `${HEAD}descriptors: { from: { file: "runs/*/feff.inp", kind: coulomb-matrix, neighbours: { O: 4 } } }
targets: { xas: { file: "runs/*/xmu.dat#mu", grid: [8970, 8995, 1], unit: counts } }
`,
    ...Object.fromEntries(runs.map((file) => [file, readFileSync(join(folder, file))])),
  });
}
