/** Sweep specs as text: read, and every fault found again in its line. */
import { type Document, isMap, isNode, isScalar, isSeq, LineCounter, parse, parseDocument, YAMLParseError } from 'yaml';
import { NarrowsError } from '../errors.ts';
import { type LocatedFault, LocatedSpecError, type SpecFault, SpecInvalid } from '../search/fault.ts';
import { parseSweepSpec } from '../search/schemas/spec.ts';
import type { SweepSpec } from '../search/spec.ts';

export interface SpecOrigin {
  /** Instead of the document's own name. */
  readonly name?: string | undefined;
  /** What the text was read from. */
  readonly file?: string;
}

/**
 * One spec per target. Throws NarrowsError `spec-invalid`: SpecInvalid where it can be read but
 * does not hold.
 */
export function readSpec(source: string, { name, file }: SpecOrigin = {}): SweepSpec[] {
  let document: unknown;
  try {
    document = parse(source);
  } catch (error) {
    const where = placeOf(error);
    const place = where ? ` in line ${where.line}, column ${where.column}` : '';
    throw new NarrowsError('spec-invalid', `${file ?? 'the spec'} is neither YAML nor JSON${place}: ${reasonOf(error)}`, {
      path: file,
      cause: error,
    });
  }
  return parseSweepSpec(document, name);
}

/** Errors that are about the spec, `path` being a key of it. */
const ABOUT_SPEC = new Set(['spec-invalid', 'dataset-missing']);

/** Passes the work's answer on; what it throws about the spec `source` becomes a SpecFaulty. */
export async function withFaultLocations<T>(source: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof NarrowsError && ABOUT_SPEC.has(error.code)
      ? new LocatedSpecError(error, faultsIn(source, error))
      : error;
  }
}

function faultsIn(source: string, error: NarrowsError): LocatedFault[] {
  const broken = placeOf(error.cause);
  if (broken) return [{ path: '', message: `neither YAML nor JSON: ${reasonOf(error.cause)}`, ...broken }];
  const faults: readonly SpecFault[] =
    error instanceof SpecInvalid
      ? error.faults
      : [{ path: error.path ?? '', message: error.message, ...(error.fix !== undefined && { fix: error.fix }) }];
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  return faults.map((fault) => ({ ...fault, ...locate(document, lines, fault.path) }));
}

/** Where the key or the element of a path stands, or else what would hold it. */
function locate(document: Document.Parsed, lines: LineCounter, path: string): { line: number; column: number } {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const step of path.match(/[^.[\]]+/g) ?? []) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
      if (!pair) break;
      offset = (isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const element = node.items[Number(step)];
      if (!isNode(element)) break;
      offset = element.range?.[0] ?? offset;
      node = element;
    } else break;
  }
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function placeOf(error: unknown): { line: number; column: number } | null {
  const place = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
  return place ? { line: place.line, column: place.col } : null;
}

function reasonOf(error: unknown): string {
  return (error as Error).message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? '';
}
