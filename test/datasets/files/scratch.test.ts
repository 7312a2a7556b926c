import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type ScratchFile, withScratch } from '../../../datasets/files/scratch.ts';
import { writeNpy } from '../../../datasets/formats/npy.ts';
import { checkDatasetFolder } from '../../../datasets/import/check.ts';
import { openGroupSpool, openListSpool, spoolMatrix } from '../../../datasets/import/spool.ts';
import { noise, wholeMatrix } from '../../support/data.ts';
import { wholeBytes } from '../../support/whole.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'narrows-scratch-'));
});
after(() => rm(directory, { recursive: true, force: true }));

const bytes = (...values: number[]) => Uint8Array.from(values);

test('written bytes are read from any position, repeatedly', async () => {
  await withScratch(directory, async (scratch) => {
    const file = await scratch.createFile();
    await file.append(bytes(1, 2, 3));
    await file.append(bytes(4, 5));
    for (let time = 0; time < 2; time++) assert.deepEqual(await wholeBytes(file), bytes(1, 2, 3, 4, 5));
    const middle = new Uint8Array(2);
    file.readSync(middle, 2);
    assert.deepEqual(middle, bytes(3, 4));
    await file.read(middle, 3);
    assert.deepEqual(middle, bytes(4, 5));
    await assert.rejects(file.read(middle, 4), { message: 'a scratch file ends at byte 5' });
    await file.clear();
    await file.append(bytes(9));
    assert.deepEqual(await wholeBytes(file), bytes(9));
  });
});

test('the files are invisible and none is left at the end, after an error, or after aborting', async () => {
  const seen = async (file: ScratchFile) => {
    await file.append(bytes(1));
    assert.deepEqual(await readdir(directory), []);
  };
  let kept: ScratchFile | undefined;
  await withScratch(directory, async (scratch) => {
    kept = await scratch.createFile();
    await seen(kept);
  });
  await assert.rejects(wholeBytes(kept as ScratchFile), { code: 'EBADF' });
  const failing = withScratch(directory, async (scratch) => {
    await seen(await scratch.createFile());
    throw new Error('broken off');
  });
  await assert.rejects(failing, /broken off/);
  assert.deepEqual(await readdir(directory), []);

  const stop = new AbortController();
  const aborted = withScratch(
    directory,
    async (scratch) => {
      const file = await scratch.createFile();
      await seen(file);
      stop.abort(new Error('enough'));
      await file.append(bytes(2));
    },
    stop.signal,
  );
  await assert.rejects(aborted, { message: 'enough' });
  assert.deepEqual(await readdir(directory), []);
});

test('an aborted import ends at the next chunk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'narrows-aborted-'));
  await writeFile(join(folder, 'X.npy'), writeNpy(noise(10, 1, 'x')));
  await writeFile(
    join(folder, 'dataset.yaml'),
    'name: a\ntitle: a\nlicence: a\nsource: a\ndescriptors: { file: X.npy, columns: [{ name: a, unit: b }] }\ntargets: { y: { file: X.npy, unit: a } }\n',
  );
  const signal = AbortSignal.abort(new Error('enough'));
  await assert.rejects(
    withScratch(directory, (scratch) => checkDatasetFolder(folder, scratch), signal),
    { message: 'enough' },
  );
  await rm(folder, { recursive: true });
});

test('a folder that is not writable is named', async () => {
  const path = join(directory, 'file');
  await writeFile(path, '');
  await assert.rejects(
    withScratch(join(path, 'below'), (scratch) => scratch.createFile()),
    { name: 'NarrowsError', code: 'not-writable', path: join(path, 'below') },
  );
  await rm(path);
});

test('a spooled matrix of several chunks has the right hash, bytes and rows', async () => {
  await withScratch(directory, async (scratch) => {
    const whole = noise(30_000, 70, 'spooled');
    const part = (from: number, to: number) => ({ rows: to - from, columns: 70, data: whole.data.subarray(from * 70, to * 70) });
    const { rows, columns, content, chunks } = await spoolMatrix(scratch, [part(0, 7), part(7, 20_000), part(20_000, 30_000)]);
    const stored = new Uint8Array(whole.data.buffer);
    assert.deepEqual([rows, columns, content.bytes], [30_000, 70, stored.length]);
    assert.equal(content.sha256, createHash('sha256').update(stored).digest('hex'));
    for (let time = 0; time < 2; time++) assert.ok(Buffer.from(stored).equals(await wholeBytes(content.pieces)));
    let most = 0;
    for await (const chunk of chunks()) most = Math.max(most, chunk.data.byteLength);
    assert.ok(most <= 4 * 2 ** 20 && most > 0);
    assert.ok(Buffer.from((await wholeMatrix(chunks())).data.buffer).equals(stored));
  });
});

test('lists are stored as JSON.stringify writes them', async () => {
  const long = Array.from({ length: 200_000 }, (_, i) => `row ${i} "Kβ" \u{1F600} \n`);
  await withScratch(directory, async (scratch) => {
    for (const values of [[], [''], ['a', 'b\ud800'], long]) {
      const spool = await openListSpool(scratch);
      await spool.add(values.slice(0, 1));
      await spool.add([]);
      await spool.add(values.slice(1));
      const { length, content } = await spool.end();
      const wanted = Buffer.from(JSON.stringify(values));
      assert.equal(length, values.length);
      assert.ok(wanted.equals(await wholeBytes(content.pieces)));
      assert.deepEqual([content.bytes, content.sha256], [wanted.length, createHash('sha256').update(wanted).digest('hex')]);
    }
    const groups = await openGroupSpool(scratch);
    await groups.add(['a', 'b']);
    await groups.add(['a']);
    assert.deepEqual(
      [...(await groups.end()).sizes],
      [
        ['a', 2],
        ['b', 1],
      ],
    );
  });
});
