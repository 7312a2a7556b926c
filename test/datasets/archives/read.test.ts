import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { checkArchive } from '../../../datasets/archives/read.ts';
import { sha256Of } from '../../../platform.ts';
import { temporaryFolder } from '../../infra/folders.ts';

const MANIFEST = {
  ...{ format: 'narrows-archive', version: 1, schema: '0011_lifecycle', codeVersion: '0', createdAt: '2026-01-31T00:00:00Z' },
  ...{ sweeps: [{ id: 's1', name: 'waist', trials: 1 }], datasets: [] },
};
const CONTENT = [{ array: { sha256: 'ab'.repeat(32), bytes: 3 } }, { piece: 'AAAA' }, { table: 'sweeps', rows: [{ id: 's1' }] }];
const seal = (lines: readonly unknown[], rows: Record<string, number> = { sweeps: 1 }, arrays = 1) => {
  const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  return `${body}${JSON.stringify({ end: { rows, arrays, sha256: sha256Of(Buffer.from(body)) } })}\n`;
};
const WHOLE = seal([MANIFEST, ...CONTENT]);

function fileOf(t: TestContext, bytes: Uint8Array | string): string {
  const file = join(temporaryFolder(t), 'a.narrows');
  writeFileSync(file, bytes);
  return file;
}

test('a whole archive is what it says', async (t) => {
  const { manifest, end } = await checkArchive(fileOf(t, gzipSync(WHOLE)));
  assert.deepEqual(manifest, MANIFEST);
  assert.deepEqual([end.rows, end.arrays], [{ sweeps: 1 }, 1]);
});

const CASES: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  ['no archive', 'hello\n', /a line of it is not valid JSON/],
  ['another document', '{"a":1}\n', /format/],
  ['nothing', '', /it is truncated/],
  ['no end', `${WHOLE.split('\n').slice(0, -2).join('\n')}\n`, /it is truncated/],
  ['a line that is cut off', WHOLE.slice(0, -20), /it is truncated/],
  ['a changed value', WHOLE.replace('"AAAA"', '"AAAB"'), /its hash differs/],
  ['fewer rows than it says', seal([MANIFEST, ...CONTENT], { sweeps: 2 }), /does not hold the rows/],
  ['more arrays than it says', seal([MANIFEST, ...CONTENT], { sweeps: 1 }, 0), /does not hold the rows/],
  ['lines after the end', `${WHOLE}{"piece":"AAAA"}\n`, /goes on after its end/],
  ['an unknown line', seal([MANIFEST, ...CONTENT, { odd: 1 }]), /Invalid input/],
  ['a table with an odd name', seal([MANIFEST, { table: 'sweeps; drop table', rows: [{}] }]), /must match pattern/],
];
for (const [name, text, message] of CASES) {
  test(`refused: ${name}`, async (t) => {
    await assert.rejects(checkArchive(fileOf(t, gzipSync(text))), { code: 'archive-damaged', message });
  });
}

test('refused: a file that is not compressed, a cut one, a bomb, none', async (t) => {
  await assert.rejects(checkArchive(fileOf(t, WHOLE)), { code: 'archive-damaged', message: /cannot be unpacked/ });
  await assert.rejects(checkArchive(fileOf(t, gzipSync(WHOLE).subarray(0, 60))), { code: 'archive-damaged' });
  const bomb = gzipSync(Buffer.alloc(2 ** 24, 0x20));
  await assert.rejects(checkArchive(fileOf(t, bomb), 2 ** 20), { code: 'archive-too-large' });
  await assert.rejects(checkArchive('/nowhere/a.narrows'), { code: 'file-missing' });
});

test('a newer format is said to be one', async (t) => {
  const newer = seal([{ ...MANIFEST, version: 2, extra: true }, ...CONTENT]);
  await assert.rejects(checkArchive(fileOf(t, gzipSync(newer))), { code: 'archive-newer', message: /version 2 of archives/ });
});
