/** Mutations of files, aware of their formats. */
import { extname } from 'node:path';
import { parse } from 'yaml';
import type { Draw } from './draw.ts';
import { BLIND, mutateMember, mutateNpy, mutateParquet, mutateZip } from './mutate-bytes.ts';
import { mutateText } from './mutate-text.ts';
import { mutateValue, type Value } from './mutate-value.ts';

/** Mutates the content of a file by the format that its name states. */
export function mutateFile(draw: Draw, name: string, bytes: Buffer, donor: Buffer): Buffer {
  const extension = extname(name);
  if (draw.chance(0.3)) return draw.pick(BLIND)(draw, bytes, donor);
  if (extension === '.npy') return mutateNpy(draw, bytes, donor);
  if (extension === '.parquet') return mutateParquet(draw, bytes, donor);
  if (extension === '.h5') return draw.pick(BLIND)(draw, bytes, donor);
  if (extension === '.npz' || extension === '.zip') {
    return draw.chance(0.5)
      ? mutateZip(draw, bytes, donor)
      : mutateMember(draw, bytes, (member, inner) => mutateFile(draw, member, inner, donor));
  }
  if (extension === '.yaml' && draw.chance(0.5)) return mutateDocument(draw, bytes);
  return mutateText(draw, bytes, donor);
}

/** Mutates the value of a document; one that is not YAML any more is mutated as text. */
export function mutateDocument(draw: Draw, bytes: Buffer): Buffer {
  try {
    const value = parse(bytes.toString('utf8'), { merge: true }) as Value;
    return Buffer.from(JSON.stringify(mutateValue(draw, value), null, draw.pick([0, 1])));
  } catch {
    return mutateText(draw, bytes, bytes);
  }
}
