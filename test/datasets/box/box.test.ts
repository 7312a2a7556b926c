import assert from 'node:assert/strict';
import { execFileSync, fork } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { type Bounds, boundsFor } from '../../../datasets/box/bounds.ts';
import { checkArchiveInBox, checkInBox, describeInputInBox, readInputInBox } from '../../../datasets/box/box.ts';
import type { Tasks } from '../../../datasets/box/messages.ts';
import { type BoxOptions, runBox } from '../../../datasets/box/process.ts';
import { withScratch } from '../../../datasets/files/scratch.ts';
import { writeNpy } from '../../../datasets/formats/npy.ts';
import { type CheckedDataset, checkDatasetFolder } from '../../../datasets/import/check.ts';
import { readModelInput } from '../../../datasets/import/model-input.ts';
import { readMatrix } from '../../../datasets/import/spool.ts';
import { storeDataset } from '../../../datasets/import/store.ts';
import { memoryArrays } from '../../support/array-store.ts';
import { matrixOf } from '../../support/data.ts';
import { parquetOf, writeHdf5 } from '../../support/files.ts';
import { writeShard } from '../../support/shards.ts';
import { glass } from '../../support/structures.ts';
import { until } from '../../support/until.ts';

const root = mkdtempSync(join(tmpdir(), 'narrows-box-'));
after(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));
const scratchFolder = join(root, 'scratch');

const HEAD = 'name: a\ntitle: a\nlicence: a\nsource: a\n';
const COLUMNS = '[{ name: a, unit: "" }, { name: b, unit: "" }]';

/** Writes a folder with a manifest of these arrays. */
function writeFolder(name: string, x: string, y: string, files: Readonly<Record<string, Uint8Array | string>> = {}): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'dataset.yaml'),
    `${HEAD}descriptors: { file: "${x}", columns: ${COLUMNS} }\ntargets: { y: { file: "${y}", unit: "1" } }\n`,
  );
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
}

const X = matrixOf(50, 2, (row, column) => Math.sin(1 + row * (column + 1)));
const Y = matrixOf(50, 3, (row, column) => Math.cos(row + column));

const checkWith = <T>(
  check: (folder: string, scratch: Parameters<typeof checkInBox>[1]) => Promise<CheckedDataset>,
  folder: string,
  use: (checked: CheckedDataset) => Promise<T>,
) => withScratch(scratchFolder, async (scratch) => use(await check(folder, scratch)));

const inBox = (folder: string, options?: BoxOptions) =>
  checkWith(
    (directory, scratch) => checkInBox(directory, scratch, options),
    folder,
    async ({ version }) => version,
  );

/** Stores a checked folder; returns its row, its blobs, and what else an import uses. */
const stored = (check: Parameters<typeof checkWith>[0], folder: string) =>
  checkWith(check, folder, async (checked) => {
    const store = memoryArrays();
    const { warnings, nearDuplicates, x, groups } = checked;
    const row = await storeDataset(checked, store, async () => true);
    return { row, blobs: store.blobs, warnings, nearDuplicates, sizes: groups?.sizes, x: await readMatrix(x) };
  });

describe('a box gives what the readers give', () => {
  test('versions, blobs, warnings and near-duplicates', async () => {
    const structures = writeFolder('structures', '', '', {
      'a.xyz': glass(3, ['Ge', 'O', 'O', 'Ge', 'O', 'O']),
      'Y.npy': writeNpy(matrixOf(6, 1, (row) => row)),
    });
    writeFileSync(
      join(structures, 'dataset.yaml'),
      `${HEAD}descriptors: { from: { file: a.xyz, kind: coulomb-matrix, site: Ge, neighbours: { O: 2 } } }\ntargets: { y: { file: Y.npy, unit: "1" } }\nids: a.xyz\n`,
    );
    const tied = writeShard(join(root, 'tied'), { rows: 30 });
    cpSync(join(tied, 'ids.csv'), join(tied, 'groups.csv'));
    writeFileSync(
      join(tied, 'dataset.yaml'),
      `${HEAD}descriptors: { file: X.npy, columns: [{ name: a, unit: "" }, { name: b, unit: "" }, { name: c, unit: "" }] }\ntargets: { y: { file: Y.npy, energies: energy.csv, unit: "1" }, m: { moments: { of: y, windows: { all: [500, 505] } } } }\nids: ids.csv\ngroups: groups.csv\nseries: { name: s, unit: "", file: ids.csv }\n`,
    );
    writeFileSync(join(tied, 'Y.npy'), writeNpy(matrixOf(30, 6, (row, column) => 2 + Math.sin(row + column))));
    writeFileSync(join(tied, 'X.npy'), writeNpy(matrixOf(30, 3, (row, column) => Math.sin((row % 20) * (column + 1)))));
    const hdf5 = writeFolder('hdf5', 'd.h5#/X', 'd.h5#/Y');
    await writeHdf5(join(hdf5, 'd.h5'), {
      X: { data: X.data, shape: [50, 2] },
      Y: { data: Y.data, shape: [50, 3], chunks: [7, 2] },
    });
    const column = (at: number) => Float32Array.from({ length: 50 }, (_, row) => X.data[2 * row + at] as number);
    const parquet = writeFolder('parquet', 'd.parquet', 'd.parquet#a', {
      'd.parquet': parquetOf([0, 1].map((at) => ({ name: 'ab'[at] ?? '', data: column(at), type: 'FLOAT' as const }))),
    });
    for (const folder of [structures, tied, hdf5, parquet]) {
      const plain = await stored((directory, scratch) => checkDatasetFolder(directory, scratch), folder);
      assert.deepEqual(await stored((directory, scratch) => checkInBox(directory, scratch), folder), plain);
    }
    assert.deepEqual(readdirSync(scratchFolder), []);
  });

  test('faults, with code, message, path, fix and kind', async () => {
    const faults = [
      writeFolder('missing', 'X.npy', 'Y.npy'),
      writeFolder('rows', 'X.npy', 'Y.npy', {
        'X.npy': writeNpy(X),
        'Y.npy': writeNpy({ ...Y, rows: 49, data: Y.data.slice(3) }),
      }),
      join(root, 'nowhere'),
    ];
    const faultOf = (check: Parameters<typeof checkWith>[0], folder: string) =>
      checkWith(check, folder, async () => null).catch((error) => ({ ...error, message: error.message }));
    for (const folder of faults) {
      const plain = await faultOf((directory, scratch) => checkDatasetFolder(directory, scratch), folder);
      assert.equal(plain.name, 'NarrowsError');
      assert.deepEqual(await faultOf((directory, scratch) => checkInBox(directory, scratch), folder), plain);
    }
  });

  test('inputs of models, from files and as text', async () => {
    const folder = writeFolder('input', 'X.npy', 'X.npy', { 'X.npy': writeNpy(X) });
    const { manifest, columns } = await checkWith(checkDatasetFolder, folder, async (checked) => checked);
    const trained = { manifest, columns };
    await withScratch(scratchFolder, async (scratch) => {
      const plain = await readMatrix(await readModelInput(folder, trained, { scratch }));
      assert.deepEqual(await readInputInBox(folder, trained, scratch), plain);
      assert.deepEqual(await readInputInBox(`${folder}/*.npy`, trained, scratch).catch(({ code }) => code), 'input-unfit');
      await assert.rejects(describeInputInBox('1\n\nH 0 0 0\n', trained, scratch), { code: 'input-unfit' });
    });
  });

  test('archives', async () => {
    const archive = join(root, 'archive.zip');
    const shard = writeShard(join(root, 'shard'), { rows: 30 });
    const files = readdirSync(shard).map((name) => [`a/${name}`, new Uint8Array(readFileSync(join(shard, name)))]);
    writeFileSync(archive, zipSync(Object.fromEntries(files)));
    const plain = await stored(checkDatasetFolder, shard);
    const boxed = await stored((_, scratch) => checkArchiveInBox(archive, scratch), shard);
    assert.deepEqual(boxed.row.description, { ...plain.row.description, folder: archive });
    assert.deepEqual(boxed.blobs, plain.blobs);
    const inBox = (maxBytes?: number) =>
      withScratch(scratchFolder, (scratch) => checkArchiveInBox(archive, scratch, { maxBytes }));
    await assert.rejects(inBox(1000), { code: 'archive-too-large' });
    writeFileSync(archive, zipSync({ 'X.npy': new Uint8Array(2000) }));
    await assert.rejects(inBox(), { code: 'manifest-missing' });
    assert.deepEqual(readdirSync(scratchFolder), []);
  });
});

/** Processes of boxes that this process, or another one, has started, also by way of its host. */
function boxesOf(parent = process.pid): number[] {
  const processes = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .map(([, pid, ppid, args = '']) => ({ pid: Number(pid), ppid: Number(ppid), args }));
  const hosts = processes.filter(({ ppid, args }) => ppid === parent && args.includes('datasets/box/background-host'));
  const parents = [parent, ...hosts.map(({ pid }) => pid)];
  return processes
    .filter(({ ppid, args }) => parents.includes(ppid) && args.includes('datasets/box/child'))
    .map(({ pid }) => pid);
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A table that takes a moment to read, or longer. */
const slowFolder = (name: string, length = 60_000): string => {
  const rows = Array.from({ length }, (_, row) => `${Math.sin(row)},${Math.cos(row * row)}`).join('\n');
  return writeFolder(name, 'X.csv', 'X.csv', { 'X.csv': `a,b\n${rows}\n` });
};

test('a box starts before its parent does anything else', async () => {
  await until(() => boxesOf().length === 0, 'no box of another test runs');
  const version = inBox(slowFolder('first'));
  assert.equal(boxesOf().length, 1);
  await version;
});

describe('a box that ends early', () => {
  test('is begun again when it is killed, once, and leaves nothing', async () => {
    const folder = slowFolder('killed');
    const expected = await checkWith(checkDatasetFolder, folder, async ({ version }) => version);
    const version = inBox(folder);
    await until(() => boxesOf().length > 0, 'a box runs');
    const [first = 0] = boxesOf();
    process.kill(first, 'SIGKILL');
    assert.equal(await version, expected);

    await until(() => boxesOf().length === 0, 'the second attempt has ended');
    const lost = inBox(slowFolder('lost', 600_000)).catch((error) => error);
    const killed = new Set<number>();
    await until(() => {
      for (const pid of boxesOf().filter((pid) => !killed.has(pid))) {
        process.kill(pid, 'SIGKILL');
        killed.add(pid);
      }
      return killed.size === 2;
    }, 'both attempts are killed');
    const { code, kind, message } = await lost;
    assert.deepEqual([code, kind], ['reader-lost', 'failure']);
    assert.match(message, /was ended by SIGKILL$/);
    assert.deepEqual(readdirSync(scratchFolder), []);
  });

  test('is aborted with the reason of the signal, and leaves nothing', async () => {
    const stop = new AbortController();
    const aborted = inBox(slowFolder('aborted'), { signal: stop.signal, isBackground: true });
    await until(() => boxesOf().length > 0, 'a box runs');
    const [pid = 0] = boxesOf();
    assert.equal(getPriority(pid), 10);
    const session = `/proc/${pid}/autogroup`;
    if (existsSync(session)) assert.match(readFileSync(session, 'utf8'), /nice 10$/m);
    stop.abort(new Error('enough'));
    await assert.rejects(aborted, { message: 'enough' });
    assert.ok(!isRunning(pid));
    assert.deepEqual(readdirSync(scratchFolder), []);
  });

  test('ends with its parent, and leaves nothing', async () => {
    const directory = join(root, 'orphaned');
    const parent = fork(fileURLToPath(new URL('../../support/box-parent.ts', import.meta.url)), [slowFolder('slow'), directory], {
      stdio: 'ignore',
    });
    const { pid = 0 } = parent;
    await until(() => boxesOf(pid).length > 0 && existsSync(directory) && readdirSync(directory).length > 0, 'a box runs');
    const boxes = boxesOf(pid);
    parent.kill('SIGKILL');
    await until(() => !boxes.some(isRunning), 'the box has ended');
    await until(() => readdirSync(directory).length === 0, 'its folder is removed');
  });
});

describe('an input beyond its bounds is refused by name, and the process goes on', () => {
  const bounds = { ...boundsFor({ bytes: 0, structures: 0 }, { cores: 1, isBackground: true }), memory: 1e9 };
  const run = <K extends 'check' | 'archive'>(kind: K, task: Tasks[K]['takes'], changes: Partial<Bounds>) => {
    const folder = mkdtempSync(join(root, 'bounded-'));
    const request = { subject: 'the input', folder, bounds: { ...bounds, ...changes }, size: { bytes: 1234, structures: 0 } };
    return runBox({ kind, task, ...request }, {}, async () => 'done');
  };

  test('time, memory, temporary files, rows and columns', async () => {
    const folder = slowFolder('bounded-input');
    assert.equal(await run('check', { directory: folder }, {}), 'done');
    const cases: [Partial<Bounds>, string][] = [
      [{ seconds: 0.05 }, '0.05 s of processor time'],
      [{ elapsedSeconds: 0.1 }, '0.1 s'],
      [{ memory: 50e6 }, '50 MB of memory'],
      [{ scratch: 1000 }, '1 kB of temporary files'],
      [{ rows: 59_999 }, '59999 rows'],
      [{ columns: 1 }, '1 columns'],
    ];
    for (const [changes, bound] of cases) {
      const { code, message, fix } = await run('check', { directory: folder }, changes).catch((error) => error);
      assert.equal(code, 'input-too-costly', message);
      assert.ok(message.endsWith(`: reading it takes more than ${bound}, too much for an input of 1.2 kB`), message);
      assert.match(fix, /bounds grow with its size/);
    }
  });

  test('a header of numpy that claims more than memory holds', async () => {
    const header = (shape: string) => {
      const dictionary = `{'descr': '<f8', 'fortran_order': True, 'shape': ${shape}, }`.padEnd(117);
      return Buffer.concat([Buffer.from('\x93NUMPY\x01\0v\0', 'latin1'), Buffer.from(`${dictionary}\n`)]);
    };
    for (const shape of ['(1, 10000000)', '(1, 1000000000)', '(1000000000, 2)']) {
      const folder = writeFolder('claims', 'X.npy', 'X.npy', { 'X.npy': header(shape) });
      await assert.rejects(inBox(folder), { code: 'array-invalid', message: /^X\.npy: the file is truncated: 0 of/ });
    }
  });

  test('an archive that unpacks to much more than it has', async () => {
    const archive = join(root, 'bomb.zip');
    writeFileSync(archive, zipSync({ bomb: new Uint8Array(2_000_000) }));
    await assert.rejects(run('archive', { archive }, { scratch: 1e6 }), { code: 'archive-too-large' });
  });
});

describe('the end of a box is reported', () => {
  const outcomes: string[] = [];
  const options: BoxOptions = { onEnd: (outcome) => void outcomes.push(outcome) };
  const good = () => writeFolder('reported', 'x.npy', 'y.npy', { 'x.npy': writeNpy(X), 'y.npy': writeNpy(Y) });

  for (const isBackground of [false, true]) {
    test(isBackground ? 'in the background' : 'in the foreground', async () => {
      outcomes.length = 0;
      await inBox(good(), { ...options, isBackground });
      assert.deepEqual(outcomes, ['read']);
      const bad = writeFolder('reported-bad', 'x.npy', 'y.npy', { 'x.npy': writeNpy(X), 'y.npy': 'no array' });
      await assert.rejects(inBox(bad, { ...options, isBackground }));
      assert.deepEqual(outcomes, ['read', 'refused']);
    });
  }

  test('of one that was aborted', async () => {
    outcomes.length = 0;
    const aborter = new AbortController();
    const checked = inBox(good(), { ...options, signal: aborter.signal });
    aborter.abort(new Error('no longer wanted'));
    await assert.rejects(checked, /no longer wanted/);
    assert.deepEqual(outcomes, ['aborted']);
  });
});
