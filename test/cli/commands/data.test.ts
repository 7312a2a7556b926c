/** `data import` and `data show` of moments, of groups with a single row, and of structures. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Warning } from '../../../datasets/import/warning.ts';
import type { DatasetSummary } from '../../../datasets/summary.ts';
import { type Project, project } from '../../support/command.ts';
import { parquetOf } from '../../support/files.ts';

const ROWS = 12;
const MANIFEST = `name: lines
title: Made up
licence: MIT
source: this test
descriptors: { file: table.tsv#a, columns: [{ name: a, unit: GPa }] }
targets:
  xes: { file: "spectra.parquet#e_*", energies: { file: energies.csv, column: energy }, unit: counts }
  moments: { moments: { of: xes, windows: { line: [11095, 11105] }, each: [mean, skewness] } }
groups: { file: table.tsv, column: snapshot }
`;

let it: Project;
before(() => {
  it = project();
  const folder = join(it.directory, 'data');
  mkdirSync(folder);
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  const energies = Array.from({ length: 41 }, (_, e) => 11_090 + e / 2);
  write('dataset.yaml', MANIFEST);
  write('table.tsv', `snapshot\ta\n${rows.map((row) => `${row === 0 ? 'alone' : `s${row % 3}`}\t${row}`).join('\n')}\n`);
  write('energies.csv', `number,energy\n${energies.map((energy, e) => `${e},${energy}`).join('\n')}\n`);
  write(
    'spectra.parquet',
    parquetOf(
      energies.map((energy, e) => ({
        name: `e_${e}`,
        data: rows.map((row) => Math.exp(-((energy - 11_100 - row / 100) ** 2))),
        type: 'DOUBLE' as const,
      })),
    ),
  );
});
after(() => it[Symbol.asyncDispose]());

test('a group with a single row is imported, with a warning on stderr and in the JSON', async () => {
  const text = await it.narrows(['data', 'import', 'data']);
  assert.equal(text.code, 0, text.stderr);
  assert.match(
    text.stderr,
    /^warning: groups: 1 of 4 groups has a single row \(alone\): a mean over such a group is that row alone$/m,
  );
  assert.match(text.stdout, /^imported lines@[0-9a-f]{12}: 12 rows, targets xes, moments\n$/);
  const { warnings } = await it.json<{ warnings: Warning[] }>(['data', 'import', 'data']);
  assert.deepEqual(
    warnings.map(({ code, path }) => [code, path]),
    [['groups-single', 'groups']],
  );
});

test('data show prints names and units of the moments', async () => {
  const { stdout } = await it.narrows(['data', 'show', 'lines']);
  assert.match(stdout, /^moments +unit +minimum +mean +maximum$/m);
  assert.match(stdout, /^line mean +eV +11100 +11100\.05\d* +11100\.11$/m);
  assert.match(stdout, /^line skewness +1 /m);
  const { targets } = await it.json<DatasetSummary>(['data', 'show', 'lines']);
  assert.deepEqual(
    targets.map(({ name, columns }) => [name, columns?.map((column) => column.name) ?? null]),
    [
      ['xes', null],
      ['moments', ['line mean', 'line skewness']],
    ],
  );
});

test('data show states the periodicity and the shortest distance of structures, and doubts short ones', async () => {
  const show = async (name: string, comment: string, height: number) => {
    const folder = join(it.directory, name);
    mkdirSync(folder);
    const frame = (z: number) => `2\n${comment}\nGe 0 0 0\nO 0 0 ${z}\n`;
    writeFileSync(join(folder, 'a.xyz'), frame(height) + frame(2 * height));
    writeFileSync(join(folder, 'y.csv'), 'y\n1\n2\n');
    const from = '{ file: a.xyz, kind: coulomb-matrix, site: Ge, neighbours: { O: 1 } }';
    const head = `name: ${name}\ntitle: Made up\nlicence: MIT\nsource: this test\n`;
    writeFileSync(
      join(folder, 'dataset.yaml'),
      `${head}descriptors: { from: ${from} }\ntargets: { y: { file: y.csv, unit: eV } }\n`,
    );
    const { stderr } = await it.narrows(['data', 'import', name]);
    return { warnings: stderr, stdout: (await it.narrows(['data', 'show', name])).stdout };
  };
  const slab = await show('slab', 'Lattice="5 0 0 0 5 0 0 0 0" pbc="T T F"', 1.75);
  assert.match(
    slab.stdout,
    /^2 structures, periodic along a and b; shortest distance 1\.75 angstrom \(atoms 0 and 1 of frame 0\)$/m,
  );
  const fractional = await show('fractional', 'cell: 10 10 10', 0.17);
  assert.match(
    fractional.stdout,
    /^2 structures, not periodic \(the cell of frame 0 .* not read\); .* 0\.17 angstrom .* fractional/m,
  );
});
