/** Sweep specs from files: YAML or JSON. */
import { readFile } from 'node:fs/promises';
import { parse, YAMLParseError } from 'yaml';
import { NarrowsError } from '../infra/errors.ts';
import type { SweepSpec } from '../search/spec.ts';
import { parseSweepSpec } from '../search/spec-schema.ts';

/** One spec per target. Throws NarrowsError `file-missing` or `spec-invalid`. */
export async function readSpecs(file: string, name?: string): Promise<SweepSpec[]> {
  let source: string;
  try {
    source = await readFile(file, 'utf8');
  } catch (error) {
    throw new NarrowsError('file-missing', `the spec ${file} cannot be read`, { path: file, cause: error });
  }
  let document: unknown;
  try {
    document = parse(source);
  } catch (error) {
    const where = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
    const place = where ? ` in line ${where.line}, column ${where.col}` : '';
    const reason = (error as Error).message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '');
    throw new NarrowsError('spec-invalid', `${file} is neither YAML nor JSON${place}: ${reason}`, { path: file });
  }
  return parseSweepSpec(document, name);
}
