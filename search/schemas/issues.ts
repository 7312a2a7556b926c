/** Issues of zod as sentences, the same for specs and for requests over HTTP. */
import type { z } from 'zod';

/** An issue as a person reads it. */
export interface DescribedIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** A key, the last of `path`, that its object does not have, and what the schema says of it. */
  readonly unknown?: { readonly key: string; readonly says: string };
}

/** Returns an issue in words; of a union, that of the branch that was probably meant. */
export function describeIssue(issue: z.core.$ZodIssue): DescribedIssue {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    return { path: [...path, key], message: `unknown key "${key}"`, unknown: { key, says: issue.message } };
  }
  if (issue.code === 'invalid_union') {
    const alternatives = issue.errors.flat();
    const specific =
      alternatives.find(({ code }) => code === 'unrecognized_keys') ??
      // The branch that matched deepest: of a list with a bad element, the list.
      alternatives.toSorted((a, b) => b.path.length - a.path.length).find((one) => one.path.length > 0) ??
      alternatives.find((one) => one.code !== 'invalid_type' || one.expected === 'int');
    return specific ? describeIssue({ ...specific, path: [...path, ...specific.path] }) : { path, message: describeTypes(issue) };
  }
  return { path, message: plain(issue.message) };
}

/** Returns what a value of another type may be, in the words of the union if it has some. */
function describeTypes({ message, errors }: z.core.$ZodIssueInvalidUnion): string {
  const branches = errors.map(([first]) => plain(first?.message ?? ''));
  const expected = branches.map((branch) => branch.replace(/^(is missing: )?expected |, received \w+$/g, ''));
  const said = message === 'Invalid input' ? `expected ${expected.join(' or ')}` : message;
  return branches.every((branch) => branch.startsWith('is missing')) ? `is missing: ${said}` : said;
}

const BOUNDS: Readonly<Record<string, string>> = { '>=': 'at least ', '>': 'above ', '<=': 'at most ', '<': 'below ' };

/** Rewrites zod's messages: 'expected number to be >0' -> 'expected number to be above 0'. */
function plain(message: string): string {
  return message
    .replace(/^(Invalid input|Invalid option|Too small|Too big): /, '')
    .replace(/^expected (.+), received undefined$/, 'is missing: expected $1')
    .replace(/^((is missing: )?expected) record\b/, '$1 object')
    .replace(/^expected boolean\b/, 'expected true or false')
    .replace(/^expected int to be/, 'expected whole number to be')
    .replace(/(?<= to (be|have) )[<>]=?/, (sign) => BOUNDS[sign] as string)
    .replace('int, received number', 'whole number')
    .replace(/, received NaN$/, '')
    .replaceAll('"|"', '", "');
}
