/**
 * What an import costs before anything is stored: reading, checking and hashing a dataset folder, in a process of its own.
 * `npm run bench:import -- --rows 20000 --energies 200 --runs 3 --case hdf5 --case parquet`
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openFolder } from '../datasets/arrays.ts';
import { checkDatasetFolder } from '../datasets/import.ts';
import { writeNpy } from '../datasets/npy.ts';
import { withScratch } from '../datasets/scratch.ts';
import type { Matrix } from '../models/axes.ts';
import { stream } from '../models/random.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '20000' },
    energies: { type: 'string', default: '200' },
    runs: { type: 'string', default: '3' },
    case: { type: 'string', multiple: true },
    /** Measures one folder, or one array of it, in this process: the bench calls itself. */
    measure: { type: 'string' },
    array: { type: 'string' },
  },
});

const DESCRIPTORS = ['a', 'b', 'c'];

interface Made {
  /** Lines of the manifest: descriptors and targets. */
  readonly manifest: string;
  /** The file with the spectra. */
  readonly file: string;
  /** Its spectra, to be read alone. */
  readonly reference?: string;
}

const head = `name: bench\ntitle: Made-up numbers\nlicence: MIT\nsource: bench/import.ts\n`;
const columns = `columns: [${DESCRIPTORS.map((name) => `{ name: ${name}, unit: "" }`).join(', ')}]`;

/** What is measured: writes a dataset's arrays to a folder and says what its manifest names. */
const CASES: Readonly<Record<string, (folder: string, x: Matrix, y: Matrix) => Promise<Made>>> = {
  hdf5: (folder, x, y) => hdf5(folder, x, y, null),
  'hdf5-gzip': (folder, x, y) => hdf5(folder, x, y, [Math.min(1000, y.rows), y.columns]),
  async parquet(folder, x, y) {
    const { parquetWriteFile } = await import('hyparquet-writer');
    const column = ({ rows, columns, data }: Matrix, at: number) =>
      Float32Array.from({ length: rows }, (_, row) => data[row * columns + at] as number);
    parquetWriteFile({
      filename: join(folder, 'data.parquet'),
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
  async csv(folder, x, y) {
    const csv = ({ rows, columns, data }: Matrix, header: string[]) => [
      header.join(','),
      ...Array.from({ length: rows }, (_, row) => data.subarray(row * columns, (row + 1) * columns).join(',')),
    ];
    writeFileSync(join(folder, 'X.csv'), `${csv(x, DESCRIPTORS).join('\n')}\n`);
    writeFileSync(
      join(folder, 'Y.csv'),
      `${csv(
        y,
        Array.from({ length: y.columns }, (_, e) => `e_${e}`),
      ).join('\n')}\n`,
    );
    return manifestOf('Y.csv', 'X.csv', 'Y.csv');
  },
};

function manifestOf(file: string, x: string, y: string): Made {
  return {
    manifest: `descriptors: { file: "${x}", ${columns} }\ntargets: { y: { file: "${y}", unit: "1" } }\n`,
    file,
    reference: y,
  };
}

async function hdf5(folder: string, x: Matrix, y: Matrix, chunks: number[] | null): Promise<Made> {
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
  readonly peakRssMb: number;
}

/** Another process: what was made here, and libraries that wrote it, are not in its memory. */
function measure(...task: string[]): Measured {
  const { stdout, status, stderr } = spawnSync(process.execPath, [import.meta.filename, '--measure', ...task], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measured;
}

/** The best of some runs, as other processes only ever slow one down; the largest peak. */
function best(runs: number, ...task: string[]): Measured {
  const all = Array.from({ length: runs }, () => measure(...task));
  return {
    seconds: Number(Math.min(...all.map(({ seconds }) => seconds)).toFixed(3)),
    peakRssMb: Math.max(...all.map(({ peakRssMb }) => peakRssMb)),
  };
}

if (values.measure !== undefined) {
  const from = performance.now();
  const [folder, array] = [values.measure, values.array];
  await withScratch(tmpdir(), async (scratch) => {
    if (array === undefined) await checkDatasetFolder(folder, scratch);
    else for await (const _ of openFolder(folder, scratch).matrix(array));
  });
  const seconds = (performance.now() - from) / 1000;
  console.log(JSON.stringify({ seconds, peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024) }));
  process.exit(0);
}

const [rows, energies, runs] = [Number(values.rows), Number(values.energies), Number(values.runs)];
const cases = values.case ?? Object.keys(CASES);
const unknown = cases.find((name) => !Object.hasOwn(CASES, name));
if (![rows, energies, runs].every((value) => Number.isInteger(value) && value > 0) || unknown !== undefined) {
  console.error(
    `--rows, --energies and --runs are whole numbers of at least 1; --case is one of ${Object.keys(CASES).join(', ')}`,
  );
  process.exit(2);
}

const root = mkdtempSync(join(tmpdir(), 'narrows-bench-'));
const clean = () => rmSync(root, { recursive: true, force: true });
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clean();
    process.exit(130);
  });
}
try {
  const { normal } = stream(1, 'bench import');
  const matrix = (columns: number): Matrix => ({ rows, columns, data: Float32Array.from({ length: rows * columns }, normal) });
  const [x, y] = [matrix(DESCRIPTORS.length), matrix(energies)];
  const results: Record<string, unknown> = {};
  for (const name of cases) {
    const folder = join(root, name);
    mkdirSync(folder);
    const { manifest, file, reference } = await (CASES[name] as (typeof CASES)[string])(folder, x, y);
    writeFileSync(join(folder, 'dataset.yaml'), head + manifest);
    const { seconds, peakRssMb } = best(runs, folder);
    results[name] = {
      seconds,
      ...(reference !== undefined && { spectraAloneSeconds: best(runs, folder, '--array', reference).seconds }),
      peakRssMb,
      fileMb: Number((statSync(join(folder, file)).size / 2 ** 20).toFixed(1)),
    };
    console.error(name, results[name]);
    rmSync(folder, { recursive: true });
  }
  console.log(JSON.stringify({ bench: 'import', rows, energies, runs, cases: results }));
} finally {
  clean();
}
