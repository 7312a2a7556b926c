/** Schema of `descriptors.from` in a manifest. The kinds of descriptors import types only. */
import { z } from 'zod';
import { didYouMean } from '../../errors.ts';
import { isElement } from '../formats/structures/elements.ts';
import { ABSORBER } from '../formats/structures/feff.ts';
import { isFeffFile, isStructuresFile, STRUCTURE_FILES } from '../formats/structures/file-names.ts';
import type { Site } from './sites.ts';

const file = z.string().trim().refine(isStructuresFile, `structures are read from ${STRUCTURE_FILES}`);
const element = z.string().refine(isElement, 'not a valid element symbol; write H, O or Ge');
const count = z.int().positive();
const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
const site = z.custom<Site>(
  isSite,
  'an element (every atom of it is a row), or the number of an atom in each frame, from 0; ' +
    '{ key: absorber } for the atom that a key of the comment lines gives, { tags: 1 } for the atoms with that tag',
);

function isSite(value: unknown): value is Site {
  if (typeof value === 'string') return isElement(value);
  if (typeof value !== 'object' || value === null) return isCount(value);
  const [[name, of] = [], ...others] = Object.entries(value);
  return (
    others.length === 0 && ((name === 'key' && typeof of === 'string' && of !== '') || (name === 'tags' && Number.isInteger(of)))
  );
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);
/** Values, or lists of values, of keys of the comment lines; by default every frame is used. */
const frames = z
  .record(
    z.string().min(1),
    z.union([scalar, z.array(scalar).min(1)], 'a value of the key, or a list of values'),
    'keys of the comment lines with their values: { config_type: liquid }',
  )
  .refine((keys) => Object.keys(keys).length > 0, 'name a key and its value: { config_type: liquid }')
  .optional();
const elements = z
  .array(element)
  .min(1)
  .refine((all) => new Set(all).size === all.length, 'an element is listed twice');
const cutoff = z.number().positive().max(50, 'at most 50 angstrom');
const bins = count.max(1000);
const smearing = z.number().positive().optional();

/** A list, as it orders the columns: keys of a mapping are sorted where the version is hashed. */
const neighbours = z
  .record(z.string(), count.max(200))
  .refine((counts) => Object.keys(counts).length > 0, 'name at least one element and how many of it: { O: 6 }')
  .refine((counts) => Object.keys(counts).every(isElement), 'elements and how many of each: { O: 6, Ge: 8 }')
  .transform((counts) => Object.entries(counts).map(([symbol, many]) => ({ element: symbol, count: many })));

const coordinates = z
  .record(
    // Integer-like keys would move to the front of the mapping.
    z.string().regex(/^[^\d\s]/, 'a name that begins with a letter'),
    z
      .array(z.int().nonnegative())
      .min(2)
      .max(4)
      .refine((atoms) => new Set(atoms).size === atoms.length, 'an atom is listed twice'),
  )
  .refine((named) => Object.keys(named).length > 0, 'name at least one coordinate')
  .transform((named) => Object.entries(named).map(([name, atoms]) => ({ name, atoms })));

const kinds = {
  'internal-coordinates': {
    coordinates: coordinates.optional(),
    bonds: z
      .array(z.tuple([z.int().nonnegative(), z.int().nonnegative()]).refine(([a, b]) => a !== b, 'two different atoms'))
      .min(1)
      .optional(),
    sort: z.enum(['falling', 'rising']).optional(),
  },
  'coulomb-matrix': { site, neighbours },
  'radial-histogram': { site, neighbours: elements, cutoff, bins, smearing },
  'angular-histogram': { site, neighbours: elements, cutoff, bins, smearing },
};

const of = <Kind extends keyof typeof kinds>(kind: Kind) => ({ file, frames, kind: z.literal(kind), ...kinds[kind] });

/** The input of FEFF has one site: its absorber, the atom of potential 0. */
function withAbsorber(value: unknown): unknown {
  const { file, kind, site } = (value ?? {}) as Record<string, unknown>;
  const isImplied = (site === undefined || site === 'absorber') && kind !== 'internal-coordinates';
  return isImplied && typeof file === 'string' && isFeffFile(file) ? { ...(value as object), site: { tags: ABSORBER } } : value;
}

const kindSchema = z.discriminatedUnion(
  'kind',
  [
    z
      .strictObject(of('internal-coordinates'))
      .refine(({ coordinates: named, bonds }) => !(named && bonds), 'coordinates and bonds exclude each other: remove one'),
    z.strictObject(of('coulomb-matrix')),
    z.strictObject(of('radial-histogram')),
    z.strictObject(of('angular-histogram')),
  ],
  {
    error: ({ input }) => {
      const kind = (input as { kind?: unknown } | null | undefined)?.kind;
      const known = Object.keys(kinds);
      return kind === undefined ? `one of ${known.join(', ')}` : `unknown kind "${kind}": ${didYouMean(String(kind), known)}`;
    },
  },
);

export const settingSchema = z.preprocess(withAbsorber, kindSchema);

export type DescriptorSetting = z.infer<typeof settingSchema>;
