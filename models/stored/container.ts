/** Format of checkpoints and models: magic, version, JSON header, float32 blocks, little-endian. */
import { NarrowsError } from '../../errors.ts';

const MAGIC = 0x574f524e; // 'NROW'
const VERSION = 1;

export interface Container<Header> {
  readonly kind: string;
  readonly header: Header;
  readonly blocks: Readonly<Record<string, Float32Array>>;
}

interface Envelope<Header> extends Pick<Container<Header>, 'kind' | 'header'> {
  readonly blocks: readonly { readonly name: string; readonly length: number }[];
}

export function packContainer<Header>({ kind, header, blocks }: Container<Header>): Uint8Array {
  const named = Object.entries(blocks);
  const envelope: Envelope<Header> = { kind, header, blocks: named.map(([name, { length }]) => ({ name, length })) };
  const json = new TextEncoder().encode(JSON.stringify(envelope));
  const start = 12 + Math.ceil(json.length / 4) * 4;
  const floats = named.reduce((sum, [, block]) => sum + block.length, 0);
  const bytes = new Uint8Array(start + floats * 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, json.length, true);
  bytes.set(json, 12);
  let at = start / 4;
  const target = new Float32Array(bytes.buffer);
  for (const [, block] of named) {
    target.set(block, at);
    at += block.length;
  }
  return bytes;
}

/** Throws NarrowsError `model-damaged` where the bytes are not a whole container of this kind. */
export function unpackContainer<Header>(bytes: Uint8Array, kind: string): Container<Header> {
  const damaged = (why: string) => new NarrowsError('model-damaged', `these bytes are not a valid ${kind}: ${why}`);
  if (bytes.length < 12) throw damaged('too short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw damaged('the magic number differs');
  const version = view.getUint32(4, true);
  if (version !== VERSION) throw damaged(`version ${version} instead of ${VERSION}`);
  const length = view.getUint32(8, true);
  const start = 12 + Math.ceil(length / 4) * 4;
  if (bytes.length < start) throw damaged('the header is truncated');
  const envelope = JSON.parse(new TextDecoder().decode(bytes.subarray(12, 12 + length))) as Envelope<Header>;
  if (envelope.kind !== kind) throw damaged(`it holds a ${envelope.kind}`);
  const floats = envelope.blocks.reduce((sum, block) => sum + block.length, 0);
  if (bytes.length !== start + floats * 4) throw damaged(`${bytes.length} bytes instead of ${start + floats * 4}`);
  // A copy, so that the floats are aligned.
  const values = new Float32Array(bytes.slice(start).buffer);
  const blocks: Record<string, Float32Array> = {};
  let at = 0;
  for (const block of envelope.blocks) {
    blocks[block.name] = values.subarray(at, at + block.length);
    at += block.length;
  }
  return { kind, header: envelope.header, blocks };
}
