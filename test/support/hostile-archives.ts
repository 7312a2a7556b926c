/** Archives of shards that are meant to stop the server that reads them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { type ShardOptions, writeShard } from './shards.ts';

type Files = Record<string, Uint8Array>;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Returns the files of a shard of the dataset `little`. */
function shardFiles(options: ShardOptions): Files {
  const folder = mkdtempSync(join(tmpdir(), 'narrows-hostile-'));
  try {
    writeShard(folder, options);
    return Object.fromEntries(readdirSync(folder).map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns a .npy file whose header claims an array that its bytes do not hold. */
function claimingArray(shape: string, order: 'True' | 'False'): Uint8Array {
  const head = `{'descr': '<f4', 'fortran_order': ${order}, 'shape': ${shape}, }`.padEnd(117).concat('\n');
  return Uint8Array.from([0x93, ...bytesOf('NUMPY'), 1, 0, head.length, 0, ...bytesOf(head)]);
}

const MANIFEST = 'dataset.yaml';

/** Returns archives by what is hostile about them; each shard has 400 rows of its own. */
export function hostileArchives(seed: number): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const files = shardFiles({ seed });
  const outlier = shardFiles({ seed: seed + 1, rows: 3000, spoil: { row: 7, column: 0, value: 9999 } });
  const pack = (changes: Files, base = files) => Uint8Array.from(zipSync({ ...base, ...changes }));
  const aliases = `a: &a [${'x,'.repeat(90)}]\nb: &b [${'*a,'.repeat(90)}]\nc: [${'*b,'.repeat(90)}]\n`;
  const whole = pack({});
  return new Map([
    ['no archive', Uint8Array.from(bytesOf('PK\x03\x04 and nothing else'))],
    ['cut short', whole.slice(0, whole.length / 2)],
    ['manifest of zeros', pack({ [MANIFEST]: new Uint8Array(20e6) })],
    ['manifest of aliases', pack({ [MANIFEST]: bytesOf(aliases) })],
    ['deep manifest', pack({ [MANIFEST]: bytesOf('['.repeat(100_000)) })],
    ['wide array', pack({ 'X.npy': claimingArray('(1, 1000000000)', 'True') })],
    ['long array', pack({ 'X.npy': claimingArray('(1000000000, 3)', 'False') })],
    ['array of zeros', pack({ 'X.npy': new Uint8Array(50e6) })],
    ['ids of one line', pack({ 'ids.csv': new Uint8Array(30e6).fill(97) })],
    ['one row far away', pack({}, outlier)],
  ]);
}
