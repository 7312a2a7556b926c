/** Schema of `descriptors.from` in a manifest. The kinds of descriptors import types only. */
import { z } from 'zod';
import { didYouMean } from '../../errors.ts';
import { isElement } from '../formats/structures/elements.ts';
import { STRUCTURES_FILE } from '../formats/structures/extxyz.ts';

const file = z.string().trim().regex(STRUCTURES_FILE, 'structures are read from .xyz or .extxyz');
const element = z.string().refine(isElement, 'not a valid element symbol; write H, O or Ge');
const count = z.int().positive();
const site = z.custom<string | number>(
  (value) => (typeof value === 'string' ? isElement(value) : Number.isInteger(value) && (value as number) >= 0),
  'an element (every atom of it is a row), or the number of an atom in each frame, from 0',
);
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

const of = <Kind extends keyof typeof kinds>(kind: Kind) => ({ file, kind: z.literal(kind), ...kinds[kind] });

export const settingSchema = z.discriminatedUnion(
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

export type DescriptorSetting = z.infer<typeof settingSchema>;
