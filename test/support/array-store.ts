/** An in-memory blob store. */
import type { ArrayStore } from '../../datasets/description.ts';
import { NarrowsError } from '../../errors.ts';
import { sha256Of } from '../../platform.ts';
import { wholeBytes } from './whole.ts';

export function memoryArrays(): ArrayStore & { readonly blobs: Map<string, Uint8Array> } {
  const blobs = new Map<string, Uint8Array>();
  const get = async (sha256: string) => blobs.get(sha256) as Uint8Array;
  return {
    blobs,
    async put({ sha256, bytes, pieces }) {
      const whole = await wholeBytes(pieces);
      if (whole.length !== bytes || sha256Of(whole) !== sha256)
        throw new Error(`the content of blob ${sha256} does not match its hash or size`);
      blobs.set(sha256, whole);
    },
    get,
    async *pieces(sha256) {
      const whole = await get(sha256);
      yield whole;
      if (sha256Of(whole) !== sha256) throw new NarrowsError('dataset-corrupt', `the stored array ${sha256} has changed`);
    },
  };
}
