import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zipSync } from 'fflate';
import { runBoxInBackground } from '../../../datasets/box/background.ts';
import { boundsFor } from '../../../datasets/box/bounds.ts';
import { unpackInBox } from '../../../datasets/box/box.ts';

const root = mkdtempSync(join(tmpdir(), 'narrows-background-'));
after(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));

const notAnArchive = join(root, 'archive.zip');
writeFileSync(notAnArchive, 'not an archive');

test('faults cross the processes with code, message and fix, one box after the other and at once', async () => {
  const fault = { code: 'archive-damaged', fix: 'create it again as a zip file' };
  const attempt = () => assert.rejects(unpackInBox(notAnArchive, { isBackground: true }), fault);
  await attempt();
  await Promise.all([attempt(), attempt()]);
});

test('a result that cannot be taken over ends its box, and the next one runs', async () => {
  const archive = join(root, 'dataset.zip');
  writeFileSync(archive, zipSync({ 'dataset.yaml': new TextEncoder().encode('name: a') }));
  const request = {
    ...({ kind: 'unpack', task: { archive }, subject: 'the archive', folder: root } as const),
    ...{ bounds: boundsFor({ bytes: 0, structures: 0 }, { cores: 1, isBackground: true }), bytes: 0 },
  };
  const refused = runBoxInBackground(request, undefined, async () => {
    throw new Error('no space left');
  });
  await assert.rejects(refused, { message: 'no space left' });
  rmSync(`${archive}.unpacked`, { recursive: true });
  const folder = await runBoxInBackground(request, undefined, async (unpacked) => unpacked);
  assert.equal(folder, `${archive}.unpacked`);
});

test('a host that was killed is replaced', async () => {
  const fault = { code: 'archive-damaged' };
  await assert.rejects(unpackInBox(notAnArchive, { isBackground: true }), fault);
  const hosts = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === process.pid && args.join(' ').includes('background-host'));
  const [host = ''] = hosts[0] ?? [];
  process.kill(Number(host), 'SIGKILL');
  await assert.rejects(unpackInBox(notAnArchive, { isBackground: true }), fault);
});
