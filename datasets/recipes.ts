/**
 * Differences between how two manifests compute the same columns: rows of both would share names
 * and mean different things.
 */
import { canonicalJson } from '../models/canonical-json.ts';
import type { Manifest } from './manifest.ts';

export interface RecipeDifference {
  /** Key of the manifest. */
  readonly path: string;
  /** Such as 'smearing is 0.3, not 0.1'. */
  readonly message: string;
}

/** Keys that say which structures are described, and not how. */
const SUBJECT = ['file', 'frames'];

/** Returns the first difference of descriptors; null between a table and structures. */
export function findOtherDescriptors(wanted: Manifest['descriptors'], given: Manifest['descriptors']): RecipeDifference | null {
  if ('from' in wanted && 'from' in given) {
    const [before, now] = [withoutSubject(wanted.from), withoutSubject(given.from)];
    return findOther(before, now, 'descriptors.from');
  }
  if (!('columns' in wanted && 'columns' in given)) return null;
  for (const [i, column] of wanted.columns.entries()) {
    const { name, ...own } = given.columns[i] ?? { name: '' };
    const { name: _, ...before } = column;
    const other = name === column.name ? findOther(before, own, `descriptors.columns.${i}`) : null;
    if (other) return { ...other, message: `of ${name}, ${other.message}` };
  }
  return null;
}

/** Returns the first difference of a target; null where only one of the manifests has it. */
export function findOtherTarget(name: string, wanted: Manifest, given: Manifest): RecipeDifference | null {
  const [before, now] = [wanted.targets[name], given.targets[name]];
  if (!before || !now) return null;
  const path = `targets.${name}`;
  if ('moments' in before && 'moments' in now) return findOther(before.moments, now.moments, `${path}.moments`);
  if ('file' in before && 'file' in now)
    return findOther({ energyUnit: before.energyUnit }, { energyUnit: now.energyUnit }, path);
  return null;
}

/** Atoms of a number, of a key or of tags may have others in each file; an element has not. */
function withoutSubject(setting: object): Record<string, unknown> {
  const entries = Object.entries(setting).filter(
    ([key, value]) => !SUBJECT.includes(key) && (key !== 'site' || isElement(value)),
  );
  return Object.fromEntries(entries);
}

const isElement = (site: unknown): boolean => typeof site === 'string';

/** Compares key by key, whatever the order within mappings: a database does not keep it. */
function findOther(wanted: object, given: object, path: string): RecipeDifference | null {
  const before = new Map<string, unknown>(Object.entries(wanted));
  const now = new Map<string, unknown>(Object.entries(given));
  for (const key of new Set([...before.keys(), ...now.keys()])) {
    const [a, b] = [before.get(key), now.get(key)];
    if (canonicalJson(a ?? null) === canonicalJson(b ?? null)) continue;
    return {
      path: `${path}.${key}`,
      message: a === undefined ? `${key} is set, to ${write(b)}` : `${key} is ${write(b)}, not ${write(a)}`,
    };
  }
  return null;
}

const write = (value: unknown): string => (value === undefined ? 'not set' : JSON.stringify(value));
