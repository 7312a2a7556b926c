/** A blob store in memory. */
import type { ArrayStore } from '../../datasets/description.ts';
import { sha256Of } from '../../db/blobs.ts';

export function memoryArrays(): ArrayStore & { readonly blobs: Map<string, Uint8Array> } {
  const blobs = new Map<string, Uint8Array>();
  return {
    blobs,
    async put(bytes) {
      blobs.set(sha256Of(bytes), bytes.slice());
      return sha256Of(bytes);
    },
    async get(sha256) {
      return blobs.get(sha256) as Uint8Array;
    },
  };
}
