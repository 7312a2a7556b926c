/** Archives of .npy files, as numpy.savez writes them: `data.npz#X`. */
import { readZipMember, ZipError } from '../files/zip.ts';
import { type ArrayReader, arrayInvalid } from './array-format.ts';
import { openNpy } from './npy.ts';

export const npz: ArrayReader = {
  open(input) {
    const { reference, file, member } = input;
    if (member !== undefined) return openNpy(input);
    throw arrayInvalid(reference, 'the reference names no member of the archive', `write ${file}#name`);
  },
  async *readMember(path, file, member) {
    const choose = (names: readonly string[]) => {
      const found = [`${member}.npy`, member].find((name) => names.includes(name));
      if (found !== undefined) return found;
      const members = names.map((name) => name.replace(/\.npy$/, '')).join(', ');
      throw arrayInvalid(`${file}#${member}`, `the archive has no member "${member}"`, `its members are ${members}`);
    };
    try {
      yield* readZipMember(path, choose);
    } catch (error) {
      throw error instanceof ZipError ? arrayInvalid(file, `it is not a valid .npz archive (${error.message})`) : error;
    }
  },
};
