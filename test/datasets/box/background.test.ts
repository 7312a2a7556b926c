import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zipSync } from 'fflate';
import { runBoxInBackground } from '../../../datasets/box/background.ts';
import { boundsFor } from '../../../datasets/box/bounds.ts';
import { checkArchiveInBox } from '../../../datasets/box/box.ts';
import { withScratch } from '../../../datasets/files/scratch.ts';
import { writeShard } from '../../support/shards.ts';

const root = mkdtempSync(join(tmpdir(), 'narrows-background-'));
after(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));

const notAnArchive = join(root, 'archive.zip');
writeFileSync(notAnArchive, 'not an archive');

const inBackground = (archive: string) =>
  withScratch(root, (scratch) => checkArchiveInBox(archive, scratch, { isBackground: true }));

test('faults cross the processes with code, message and fix, one box after the other and at once', async () => {
  const fault = { code: 'archive-damaged', fix: 'create it again as a zip file' };
  const attempt = () => assert.rejects(inBackground(notAnArchive), fault);
  await attempt();
  await Promise.all([attempt(), attempt()]);
});

test('a result that cannot be taken over ends its box, and the next one runs', async () => {
  const archive = join(root, 'dataset.zip');
  const shard = writeShard(join(root, 'shard'), { rows: 5 });
  const files = readdirSync(shard).map((name) => [name, new Uint8Array(readFileSync(join(shard, name)))]);
  writeFileSync(archive, zipSync(Object.fromEntries(files)));
  const request = {
    ...({ kind: 'archive', task: { archive }, subject: 'the archive', folder: root } as const),
    ...{ bounds: boundsFor({ bytes: 0, structures: 0 }, { cores: 1, isBackground: true }), size: { bytes: 0, structures: 0 } },
  };
  const refused = runBoxInBackground(request, undefined, async () => {
    throw new Error('no space left');
  });
  await assert.rejects(refused, { message: 'no space left' });
  const again = { ...request, folder: mkdtempSync(join(root, 'again-')) };
  const { x } = await runBoxInBackground(again, undefined, async (checked) => checked);
  assert.equal(x.rows, 5);
});

test('a host that was killed is replaced', async () => {
  const fault = { code: 'archive-damaged' };
  await assert.rejects(inBackground(notAnArchive), fault);
  const hosts = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === process.pid && args.join(' ').includes('background-host'));
  const [host = ''] = hosts[0] ?? [];
  process.kill(Number(host), 'SIGKILL');
  await assert.rejects(inBackground(notAnArchive), fault);
});
