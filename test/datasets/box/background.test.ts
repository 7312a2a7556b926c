import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zipSync } from 'fflate';
import { runBoxInThread } from '../../../datasets/box/background.ts';
import { boundsFor } from '../../../datasets/box/bounds.ts';
import { unpackInBox } from '../../../datasets/box/box.ts';

const root = mkdtempSync(join(tmpdir(), 'narrows-background-'));
after(() => rmSync(root, { recursive: true, force: true, maxRetries: 3 }));

const notAnArchive = join(root, 'archive.zip');
writeFileSync(notAnArchive, 'not an archive');

test('faults cross the thread with code, message and fix, one box after the other and at once', async () => {
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
  const refused = runBoxInThread(request, undefined, async () => {
    throw new Error('no space left');
  });
  await assert.rejects(refused, { message: 'no space left' });
  rmSync(`${archive}.unpacked`, { recursive: true });
  const folder = await runBoxInThread(request, undefined, async (unpacked) => unpacked);
  assert.equal(folder, `${archive}.unpacked`);
});
