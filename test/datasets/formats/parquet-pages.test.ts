import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parquetOf } from '../../support/files.ts';
import { wholeFolder } from '../../support/whole.ts';

const root = mkdtempSync(join(tmpdir(), 'narrows-pages-'));
after(() => rmSync(root, { recursive: true, force: true }));

const rows = 60;
const numbers = Array.from({ length: rows }, (_, row) => row + 1);
/** Pages of the second version with a dictionary, definition levels, and lists. */
const whole = parquetOf([
  { name: 'x', data: numbers.map((row) => row % 3), type: 'INT32', nullable: true },
  { name: 'y', data: Float32Array.from(numbers), type: 'FLOAT', nullable: true },
]);

const read = async (bytes: Uint8Array, reference = 'a.parquet') => {
  writeFileSync(join(root, 'a.parquet'), bytes);
  return [...(await wholeFolder(root).matrix(reference)).data];
};

test('a valid file is read', async () => {
  assert.deepEqual(
    await read(whole),
    numbers.flatMap((row) => [row % 3, row]),
  );
});

test('no change of a byte in the headers of pages makes reading endless', async () => {
  const metadata = new DataView(whole.buffer, whole.byteOffset).getUint32(whole.length - 8, true);
  const refusals = new Set<string>();
  for (let at = 4; at < whole.length - metadata - 8; at++) {
    for (const value of [0x00, 0x15, 0x19, 0x29, 0x7f, 0xff]) {
      const changed = whole.slice();
      changed[at] = value;
      const outcome = await read(changed).catch((error: { code: string; message: string }) => error);
      if (Array.isArray(outcome)) continue;
      assert.ok(['array-invalid', 'not-finite'].includes(outcome.code), outcome.message);
      refusals.add(outcome.message.replaceAll(/\d+/g, 'N'));
    }
  }
  assert.ok([...refusals].some((message) => message.includes('the page at byte N of column "y" has a corrupt header')));
});
