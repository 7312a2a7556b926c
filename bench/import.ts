/**
 * Cost of an import: reading, checking and hashing a dataset folder in its own process, without
 * and with a box, and the same with storing it in Postgres, as an import does. Several `--rows`
 * show how memory grows with the length of the files.
 *
 * `npm run bench:import -- --rows 20000 --energies 200 --runs 3 --case hdf5 --case parquet`
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { zipSync } from 'fflate';
import { writeNpy, writeNpyArray } from '../datasets/formats/npy.ts';
import { migrate } from '../db/migrate.ts';
import { readEnvironment } from '../infra/env.ts';
import { openHome } from '../infra/home.ts';
import { POSTGRES_SHUTDOWN, preparePostgres, startPostgres } from '../infra/postgres/server.ts';
import { openLog } from '../infra/processes/rotating-log.ts';
import type { Matrix } from '../models/axes.ts';
import { stream } from '../models/random.ts';
import { SITES_PER_FRAME, writeGlassFrame } from './synthetic-glass.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', multiple: true, default: ['20000'] },
    energies: { type: 'string', default: '200' },
    runs: { type: 'string', default: '3' },
    case: { type: 'string', multiple: true },
  },
});

const DESCRIPTORS = ['a', 'b', 'c'];

interface WrittenDataset {
  /** Lines of the manifest: descriptors and targets. */
  readonly manifest: string;
  /** The file with the spectra. */
  readonly file: string;
  /** Reference to the spectra, for timing them separately. */
  readonly reference?: string;
}

const head = `name: bench\ntitle: Synthetic data\nlicence: MIT\nsource: bench/import.ts\n`;
const columns = `columns: [${DESCRIPTORS.map((name) => `{ name: ${name}, unit: "" }`).join(', ')}]`;

/** Writers by case: each writes a dataset's arrays and describes them for the manifest. */
const CASES: Readonly<Record<string, (folder: string, x: Matrix, y: Matrix) => Promise<WrittenDataset>>> = {
  hdf5: (folder, x, y) => hdf5(folder, x, y, null),
  'hdf5-gzip': (folder, x, y) => hdf5(folder, x, y, [Math.min(1000, y.rows), y.columns]),
  'hdf5-tall': (folder, x, y) => hdf5(folder, x, y, [Math.min(100_000, y.rows), Math.min(10, y.columns)]),
  async parquet(folder, x, y) {
    const { parquetWriteFile } = await import('hyparquet-writer');
    const column = ({ rows, columns, data }: Matrix, at: number) =>
      Float32Array.from({ length: rows }, (_, row) => data[row * columns + at] as number);
    parquetWriteFile({
      filename: join(folder, 'data.parquet'),
      // The default of pandas.
      rowGroupSize: 2 ** 20,
      columnData: [
        ...DESCRIPTORS.map((name, at) => ({ name, data: column(x, at), type: 'FLOAT' as const })),
        ...Array.from({ length: y.columns }, (_, e) => ({ name: `e_${e}`, data: column(y, e), type: 'FLOAT' as const })),
      ],
    });
    return manifestOf('data.parquet', `data.parquet#${DESCRIPTORS.join(',')}`, 'data.parquet#e_*');
  },
  async npy(folder, x, y) {
    writeFileSync(join(folder, 'X.npy'), writeNpy(x));
    writeFileSync(join(folder, 'Y.npy'), writeNpy(y));
    return manifestOf('Y.npy', 'X.npy', 'Y.npy');
  },
  async moments(folder, x, y) {
    writeFileSync(join(folder, 'X.npy'), writeNpy(x));
    writeFileSync(join(folder, 'Y.npy'), writeNpy({ ...y, data: y.data.map((value) => 4 + value ** 2) }));
    const energies = Float64Array.from({ length: y.columns }, (_, e) => e);
    writeFileSync(join(folder, 'energies.npy'), writeNpyArray({ shape: [y.columns], data: energies }));
    const target = `{ moments: { of: y, windows: { all: [0, ${y.columns - 1}] } } }`;
    const { manifest, ...written } = manifestOf('Y.npy', 'X.npy', 'Y.npy', ', energies: energies.npy');
    return { ...written, manifest: `${manifest}  moments: ${target}\n` };
  },
  async npz(folder, x, y) {
    writeFileSync(join(folder, 'data.npz'), zipSync({ 'X.npy': writeNpy(x), 'Y.npy': writeNpy(y) }, { level: 1 }));
    return manifestOf('data.npz', 'data.npz#X', 'data.npz#Y');
  },
  async csv(folder, x, y) {
    writeCsv(join(folder, 'X.csv'), x, DESCRIPTORS);
    writeCsv(
      join(folder, 'Y.csv'),
      y,
      Array.from({ length: y.columns }, (_, e) => `e_${e}`),
    );
    return manifestOf('Y.csv', 'X.csv', 'Y.csv');
  },
  /** One site per row, 80 in a periodic cell; 136 columns. */
  async structures(folder, _x, y) {
    const frames = Math.ceil(y.rows / SITES_PER_FRAME);
    const rows = SITES_PER_FRAME * frames;
    const file = openSync(join(folder, 'a.xyz'), 'w');
    const { uniform } = stream(2, 'bench import');
    for (let frame = 0; frame < frames; frame++) writeSync(file, writeGlassFrame(uniform));
    closeSync(file);
    writeFileSync(join(folder, 'Y.npy'), writeNpy({ rows, columns: 1, data: new Float32Array(rows) }));
    const from = '{ file: a.xyz, kind: coulomb-matrix, site: Ge, neighbours: { O: 8, Ge: 8 } }';
    return { manifest: `descriptors: { from: ${from} }\ntargets: { y: { file: Y.npy, unit: "1" } }\n`, file: 'a.xyz' };
  },
};

function writeCsv(path: string, { rows, columns, data }: Matrix, header: readonly string[]): void {
  const file = openSync(path, 'w');
  writeSync(file, `${header.join(',')}\n`);
  for (let row = 0; row < rows; row++) writeSync(file, `${data.subarray(row * columns, (row + 1) * columns).join(',')}\n`);
  closeSync(file);
}

function manifestOf(file: string, x: string, y: string, more = ''): WrittenDataset {
  return {
    manifest: `descriptors: { file: "${x}", ${columns} }\ntargets:\n  y: { file: "${y}", unit: "1"${more} }\n`,
    file,
    reference: y,
  };
}

async function hdf5(folder: string, x: Matrix, y: Matrix, chunks: number[] | null): Promise<WrittenDataset> {
  const { File, ready } = await import('h5wasm/node');
  await ready;
  const file = new File(join(folder, 'data.h5'), 'w');
  const packed = chunks && { chunks, compression: 'gzip' as const };
  file.create_dataset({ name: 'X', data: x.data, shape: [x.rows, x.columns] });
  file.create_dataset({ name: 'Y', data: y.data, shape: [y.rows, y.columns], ...packed });
  file.close();
  return manifestOf('data.h5', 'data.h5#/X', 'data.h5#/Y');
}

interface Measured {
  readonly seconds: number;
  /** From the start of the process on. */
  readonly totalSeconds: number;
  readonly peakRssMb: number;
}

const PROGRAM = join(import.meta.dirname, 'measure-import.ts');

/** Measures in a process without the data and the libraries that wrote it. */
function measure(...task: string[]): Measured {
  const { stdout, status, stderr } = spawnSync(process.execPath, [PROGRAM, ...task], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measured;
}

/** Shortest times of several runs, since other processes only slow them down; largest peak. */
function best(all: readonly Measured[]): Measured {
  const least = (secondsOf: (one: Measured) => number) => Number(Math.min(...all.map(secondsOf)).toFixed(3));
  return {
    seconds: least(({ seconds }) => seconds),
    totalSeconds: least(({ totalSeconds }) => totalSeconds),
    peakRssMb: Math.max(...all.map(({ peakRssMb }) => peakRssMb)),
  };
}

/** Measures tasks in turn, so that what else runs slows all of them down. */
function measureInTurn(runs: number, ...tasks: readonly string[][]): Measured[] {
  const rounds = Array.from({ length: runs }, () => tasks.map((task) => measure(...task)));
  return tasks.map((_, at) => best(rounds.map((round) => round[at] as Measured)));
}

const ratio = (one: Measured, other: Measured): number => Number((one.totalSeconds / other.totalSeconds).toFixed(2));

const lengths = values.rows.map(Number);
const [energies, runs] = [Number(values.energies), Number(values.runs)];
const cases = values.case ?? Object.keys(CASES);
const unknown = cases.find((name) => !Object.hasOwn(CASES, name));
if (![...lengths, energies, runs].every((value) => Number.isInteger(value) && value > 0) || unknown !== undefined) {
  console.error(
    `--rows, --energies and --runs must be integers of at least 1, and --case one of ${Object.keys(CASES).join(', ')}`,
  );
  process.exit(2);
}

const root = mkdtempSync(join(tmpdir(), 'narrows-bench-'));
const home = openHome(join(root, 'home'));
await preparePostgres(home, readEnvironment());
const postgres = await startPostgres(home, openLog(join(home.logs, 'postgres.log')));
const clean = async () => {
  await postgres.child.stop(POSTGRES_SHUTDOWN);
  rmSync(root, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await clean();
    process.exit(130);
  });
}
try {
  await migrate(postgres.url);
  for (const rows of lengths) {
    const { normal } = stream(1, 'bench import');
    const matrix = (columns: number): Matrix => ({
      rows,
      columns,
      data: Float32Array.from({ length: rows * columns }, normal),
    });
    const [x, y] = [matrix(DESCRIPTORS.length), matrix(energies)];
    const results: Record<string, unknown> = {};
    for (const name of cases) {
      const folder = join(root, name);
      mkdirSync(folder);
      const { manifest, file, reference } = await (CASES[name] as (typeof CASES)[string])(folder, x, y);
      writeFileSync(join(folder, 'dataset.yaml'), head + manifest);
      const alone = reference === undefined ? [] : [[folder, '--array', reference]];
      const whole = [folder, '--database', postgres.url];
      const tasks = [[folder], [folder, '--box'], whole, [...whole, '--box'], ...alone];
      const [plain, box, stored, storedBox, spectra] = measureInTurn(runs, ...tasks) as [
        Measured,
        Measured,
        Measured,
        Measured,
        Measured?,
      ];
      results[name] = {
        seconds: plain.seconds,
        ...(spectra && { spectraAloneSeconds: spectra.seconds }),
        peakRssMb: plain.peakRssMb,
        totalSeconds: plain.totalSeconds,
        totalInBoxSeconds: box.totalSeconds,
        checkRatio: ratio(box, plain),
        importSeconds: stored.totalSeconds,
        importInBoxSeconds: storedBox.totalSeconds,
        boxRatio: ratio(storedBox, stored),
        fileMb: Number((statSync(join(folder, file)).size / 2 ** 20).toFixed(1)),
      };
      console.error(rows, name, results[name]);
      rmSync(folder, { recursive: true });
    }
    console.log(JSON.stringify({ bench: 'import', rows, energies, runs, cases: results }));
  }
} finally {
  await clean();
}
