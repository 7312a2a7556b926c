/** Sweep specs as text: parsed, with every fault located. */
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  YAMLParseError,
} from 'yaml';
import { NarrowsError } from '../errors.ts';
import { type LocatedFault, LocatedSpecError, type SpecFault, SpecInvalid } from '../search/fault.ts';
import { parseSweepSpec } from '../search/schemas/spec.ts';
import type { StatedSpec } from '../search/spec.ts';
import { formatSpec } from '../search/spec-text.ts';

export interface SpecOrigin {
  /** Name in place of the document's. */
  readonly name?: string | undefined;
  /** File that the text was read from. */
  readonly file?: string;
}

/** Parses a document into one spec per target. Throws NarrowsError `spec-invalid`. */
export function readSpec(source: string, { name, file }: SpecOrigin = {}): StatedSpec[] {
  let document: unknown;
  try {
    document = parseYaml(source);
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

/** Returns the text of a valid spec with this sampler in place of its own; the rest stays. */
export function replaceSampler(source: string, sampler: Readonly<Record<string, unknown>>): string {
  const document = parseDocument(source, { logLevel: 'error', prettyErrors: false });
  const { contents } = document;
  if (!isMap(contents)) return source;
  const own = contents.items.find(({ key }) => isScalar(key) && key.value === 'sampler');
  if (contents.flow) return replaceInFlow(source, contents, own, sampler);
  const line = formatSpec({ sampler });
  if (!own) return `${source.replace(/\n*$/, '\n')}${line}`;
  const [from] = (own.key as Scalar).range ?? [0];
  // Of a block, the end of the value is the start of the next line.
  const [, end] = (isNode(own.value) && own.value.range) || [0, source.length];
  return `${source.slice(0, from)}${line.trimEnd()}${source.slice(0, end).endsWith('\n') ? '\n' : ''}${source.slice(end)}`;
}

/** The same for a spec in braces, such as JSON, which stays JSON. */
function replaceInFlow(source: string, { items }: YAMLMap, own: Pair | undefined, sampler: unknown): string {
  const text = JSON.stringify(sampler);
  const { value } = own ?? items.at(-1) ?? {};
  const [start = 0, end = 0] = (isNode(value) && value.range) || [];
  return own
    ? `${source.slice(0, start)}${text}${source.slice(end)}`
    : `${source.slice(0, end)}, "sampler": ${text}${source.slice(end)}`;
}

/** Reads a point, as a spec lists it: '{ hidden: [32, 32], learningRate: 0.01 }'. */
export function readPoint(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new NarrowsError('spec-invalid', `the point ${text} is neither YAML nor JSON: ${reasonOf(error)}`, {
      path: 'enqueue',
      fix: "write it as a spec does: '{ learningRate: 0.01 }'",
      cause: error,
    });
  }
}

/** Throws the first YAMLParseError, a RangeError where the document is nested too deeply. */
function parseYaml(source: string): unknown {
  const lineCounter = new LineCounter();
  // Errors that quote their line would take time with its length, each of many thousand.
  const document = parseDocument(source, { merge: true, logLevel: 'error', prettyErrors: false, lineCounter });
  const [error] = document.errors;
  if (error === undefined) return document.toJS();
  error.linePos = [lineCounter.linePos(error.pos[0])];
  throw error;
}

/** Codes of errors about the spec; their `path` is a key of it. */
const ABOUT_SPEC = new Set(['spec-invalid', 'dataset-missing']);

/** Whether an error has its faults in the text of a spec. */
export const isAboutSpec = (error: unknown): error is NarrowsError => error instanceof NarrowsError && ABOUT_SPEC.has(error.code);

/** Runs the work; faults of the spec `source` that it throws become a LocatedSpecError. */
export async function withFaultLocations<T>(source: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isAboutSpec(error) ? new LocatedSpecError(error, faultsIn(source, error)) : error;
  }
}

function faultsIn(source: string, error: NarrowsError): LocatedFault[] {
  const broken = placeOf(error.cause);
  if (broken) return [{ path: '', message: `neither YAML nor JSON: ${reasonOf(error.cause)}`, ...broken }];
  const faults: readonly SpecFault[] =
    error instanceof SpecInvalid
      ? error.faults
      : [{ path: error.path ?? '', message: error.message, ...(error.fix !== undefined && { fix: error.fix }) }];
  // A text that cannot be parsed has no places.
  if (error.cause !== undefined) return [...faults];
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  return faults.map((fault) => ({ ...fault, ...locate(document, lines, fault.path) }));
}

/** Returns the position of the key or element at a path, or of the innermost part that exists. */
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
