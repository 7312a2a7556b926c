import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { zipSync } from 'fflate';
import { readZipMember } from '../../../datasets/files/zip.ts';
import { stream } from '../../../models/random.ts';
import { wholeBytes } from '../../support/whole.ts';

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'narrows-zip-'));
});
after(() => rm(directory, { recursive: true, force: true }));

const { uniform } = stream(1, 'zip');
const long = Uint8Array.from({ length: 1_500_000 }, (_, i) => (i % 3 === 0 ? 256 * uniform() : 7));
const MEMBERS = { 'a.npy': Uint8Array.of(1, 2, 3), 'folder/long': long, nothing: new Uint8Array(0) };

async function member(archive: Uint8Array, name: string): Promise<Uint8Array> {
  const path = join(directory, 'some.zip');
  await writeFile(path, archive);
  return wholeBytes(readZipMember(path, () => name));
}

test('stored and deflated members are unpacked', async () => {
  for (const level of [0, 1, 9] as const) {
    const archive = zipSync(MEMBERS, { level });
    for (const [name, bytes] of Object.entries(MEMBERS)) {
      assert.ok(Buffer.from(bytes).equals(await member(archive, name)), `${name}, level ${level}`);
    }
    // A comment at the end that contains the signature of an end.
    const comment = Uint8Array.of(0x50, 0x4b, 5, 6, 0);
    const remarked = Buffer.concat([archive, comment]);
    remarked.writeUInt16LE(comment.length, archive.length - 2);
    assert.deepEqual(await member(remarked, 'a.npy'), MEMBERS['a.npy']);
  }
});

test('member names are those of the directory', async () => {
  const path = join(directory, 'names.zip');
  await writeFile(path, zipSync(MEMBERS));
  let names: readonly string[] = [];
  const choose = (all: readonly string[]) => {
    names = all;
    throw new Error('none of them');
  };
  await assert.rejects(wholeBytes(readZipMember(path, choose)), /none of them/);
  assert.deepEqual(names, Object.keys(MEMBERS));
});

test('reading may stop within a member', async () => {
  const path = join(directory, 'long.zip');
  await writeFile(path, zipSync(MEMBERS));
  for await (const piece of readZipMember(path, () => 'folder/long')) {
    assert.ok(piece.length > 0);
    break;
  }
});

test('damage anywhere is detected', async () => {
  for (const level of [0, 6] as const) {
    const archive = zipSync({ a: long.subarray(0, 3000) }, { level });
    let refused = 0;
    for (let trial = 0; trial < 300; trial++) {
      const broken = archive.slice();
      const at = Math.floor(uniform() * broken.length);
      broken[at] = (broken[at] as number) ^ (1 + Math.floor(255 * uniform()));
      const answer = await member(broken, 'a').catch((error: Error) => error);
      if (answer instanceof Error) {
        refused++;
        assert.match(answer.constructor.name, /^(ZipError|TypeError)$/, answer.stack);
      } else assert.ok(Buffer.from(long.subarray(0, 3000)).equals(answer));
    }
    assert.ok(refused > 200, `${refused} were found out`);
    for (const length of [0, 10, 500, archive.length - 1]) {
      await assert.rejects(member(archive.subarray(0, length), 'a'), { message: 'it has no directory at its end' });
    }
  }
});
