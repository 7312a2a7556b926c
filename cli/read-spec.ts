/** Sweep specs from files: YAML or JSON. */
import { NarrowsError, unreadableReason } from '../errors.ts';
import { readSpecFile } from '../operations/files.ts';
import type { StatedSpec } from '../search/spec.ts';

export interface SpecFile {
  /** One per target. */
  readonly specs: readonly StatedSpec[];
  /** Runs work on the specs; faults that it throws get their lines in the file. */
  located<T>(work: () => Promise<T>): Promise<T>;
}

/** Throws NarrowsError `file-missing` or `spec-invalid`, which is a LocatedSpecError. */
export async function readSpecs(file: string, name?: string): Promise<SpecFile> {
  let source: string;
  try {
    source = await readSpecFile(file);
  } catch (error) {
    if (error instanceof NarrowsError) throw error;
    throw new NarrowsError('file-missing', `the spec ${file} ${unreadableReason(error)}`, {
      path: file,
      fix: 'name a file of YAML or JSON; "narrows init" writes one to start from',
      cause: error,
    });
  }
  // With a parser of YAML, which commands that read no spec need not load.
  const { readSpec, withFaultLocations } = await import('../operations/specs.ts');
  const located: SpecFile['located'] = (work) => withFaultLocations(source, work);
  return { specs: await located(async () => readSpec(source, { name, file })), located };
}
