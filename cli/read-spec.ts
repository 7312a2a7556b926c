/** Sweep specs from files: YAML or JSON. */
import { readFile } from 'node:fs/promises';
import { NarrowsError } from '../infra/errors.ts';
import { readSpec } from '../operations/specs.ts';
import type { SweepSpec } from '../search/spec.ts';

/** One spec per target. Throws NarrowsError `file-missing` or `spec-invalid`. */
export async function readSpecs(file: string, name?: string): Promise<SweepSpec[]> {
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (error) {
    throw new NarrowsError('file-missing', `the spec ${file} cannot be read`, { path: file, cause: error });
  }
  return readSpec(source, { name, file });
}
