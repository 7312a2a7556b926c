/** Scratch files with names in a folder, which another process can open. */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openScratchFile, type Scratch, type ScratchFile, withDiskErrors } from '../files/scratch.ts';

export interface NamedScratch extends Scratch {
  nameOf(file: ScratchFile): string;
}

/** `requireRoom` is called with the bytes of all files before they grow, and may throw. */
export function createNamedScratch(directory: string, requireRoom: (bytes: number) => void): NamedScratch {
  const names = new Map<ScratchFile, string>();
  let total = 0;
  return {
    directory,
    nameOf: (file) => names.get(file) ?? '',
    async createFile() {
      const name = String(names.size);
      const path = join(directory, name);
      const handle = await withDiskErrors(directory, () => open(path, 'wx+', 0o600));
      const plain = openScratchFile(handle, directory);
      let own = 0;
      const forget = () => {
        total -= own;
        own = 0;
      };
      const file: ScratchFile = {
        ...plain,
        append(bytes) {
          own += bytes.length;
          total += bytes.length;
          requireRoom(total);
          return plain.append(bytes);
        },
        clear() {
          forget();
          return plain.clear();
        },
        async [Symbol.asyncDispose]() {
          forget();
          await plain[Symbol.asyncDispose]();
          await rm(path, { force: true });
        },
      };
      names.set(file, name);
      return file;
    },
  };
}
