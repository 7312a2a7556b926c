/** The manifest of a dataset, dataset.yaml: its schema and checks. */
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { didYouMean, NarrowsError } from '../errors.ts';
import type { DescriptorColumn } from '../models/descriptor.ts';
import { MOMENTS } from '../models/moments.ts';
import { decodeText, joinPieces, MAX_DOCUMENT_BYTES } from '../platform.ts';
import { MAX_NAME_LENGTH } from '../search/names.ts';
import { type DescriptorSetting, settingSchema } from './descriptors/setting.ts';
import { type FileSource, toFileSource } from './files/file-source.ts';
import { isPattern } from './files/patterns.ts';
import { parseReference } from './formats/formats.ts';
import { MANIFEST } from './manifest-name.ts';

const text = z.string().trim().min(1);
/** YAML reads `unit: 1`, of quantities without a dimension, as a number. */
const asText = (value: unknown): unknown => (typeof value === 'number' ? String(value) : value);
const unit = z.preprocess(asText, text);
const unitOrNone = z.preprocess(asText, z.string());
const name = z
  .string()
  .max(MAX_NAME_LENGTH)
  .regex(/^[a-z0-9][a-z0-9_.-]*$/i, 'letters, digits, ".", "_" and "-" only');
/**
 * A file alone means its only column or `id`, and of structures, which have keys, the number of
 * each frame. Not a union: its errors would not name the key.
 */
const columnReference = z.preprocess(
  (value) => (typeof value === 'string' ? { file: value } : value),
  z.strictObject({ file: text, column: text.optional(), key: text.optional() }),
);

/** `{ file, column }` is equivalent to `file#column`. */
const arrayReference = z.preprocess((value) => {
  const { file, column, ...others } = (value ?? {}) as Record<string, unknown>;
  const whole = typeof file === 'string' && typeof column === 'string' && Object.keys(others).length === 0;
  return whole ? `${file}#${column}` : value;
}, text);

const momentsSetting = z.strictObject({
  /** Name of a target with spectra and energies. */
  of: name,
  windows: z
    .record(
      text,
      z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, 'a window goes from a lower to a higher energy'),
    )
    .refine((windows) => Object.keys(windows).length > 0, 'name at least one window'),
  each: z
    .array(z.enum(MOMENTS))
    .min(1)
    .refine((each) => new Set(each).size === each.length, 'a moment is listed twice')
    .default([...MOMENTS]),
});

/** Whether an array is in a file for each row: `spectra/*.dat#mu`. */
export const isPatternReference = (reference: string): boolean => isPattern(parseReference(reference).file);

/** From, to and step of energies. */
export type Grid = readonly [from: number, to: number, step: number];

const MAX_ENERGIES = 100_000;

const grid = z
  .tuple([z.number(), z.number(), z.number().positive()])
  .refine(([from, to, step]) => from < to && step <= to - from, 'from a lower to a higher energy, and a step: [7100, 7200, 0.5]')
  .refine(([from, to, step]) => (to - from) / step < MAX_ENERGIES, `at most ${MAX_ENERGIES} energies`);

/** Y from a file, or a pattern of files, with the energies of its columns where it has any. */
export interface SpectraTarget {
  readonly file: string;
  /** Energies onto which the spectra of a pattern of files are interpolated. */
  readonly grid?: Grid;
  /** The file has a row for each energy, not for each structure. */
  readonly transposed?: true;
  readonly energies?: string;
  readonly unit: string;
  readonly energyUnit: string;
}

/** Y computed from the spectra of another target. */
export interface MomentsTarget {
  readonly moments: z.infer<typeof momentsSetting>;
}

const target = z
  .strictObject({
    file: text.optional(),
    transposed: z.boolean().optional(),
    energies: arrayReference.optional(),
    grid: grid.optional(),
    unit: unit.optional(),
    energyUnit: unit.optional(),
    moments: momentsSetting.optional(),
  })
  .transform(({ moments, ...spectra }, context): SpectraTarget | MomentsTarget => {
    const { file, transposed, energies, grid, unit, energyUnit = 'eV' } = spectra;
    if (moments !== undefined && Object.keys(spectra).length === 0) return { moments };
    if (moments === undefined && file !== undefined && unit !== undefined) {
      const isFiles = isPatternReference(file);
      const unfit = (isFiles ? (['transposed', 'energies'] as const) : (['grid'] as const)).find((key) => spectra[key]);
      if (unfit === undefined) {
        const optional = {
          ...(transposed && { transposed }),
          ...(energies !== undefined && { energies }),
          ...(grid && { grid }),
        };
        return { file, ...optional, unit, energyUnit };
      }
      const message = isFiles
        ? `the files of ${file} have their energies as a column: remove ${unfit}`
        : 'a grid is for spectra of one file each: a pattern such as "spectra/*.dat"';
      context.issues.push({ code: 'custom', path: [unfit], message, input: spectra });
      return z.NEVER;
    }
    const [key, message] =
      moments !== undefined
        ? ['moments', 'they are computed from another target: remove file, energies and units']
        : [file === undefined ? 'file' : 'unit', 'expected string, received undefined'];
    context.issues.push({ code: 'custom', path: [key], message, input: spectra });
    return z.NEVER;
  });

/** The column is numerator / R, with a distance R. */
const distance = z.strictObject({ numerator: z.number().positive(), unit, pair: z.tuple([text, text]).optional() });

/** A table with its columns, or the setting with which columns are computed from structures. */
type Descriptors =
  | { readonly file: string; readonly columns: readonly DescriptorColumn[] }
  | { readonly from: DescriptorSetting };

const descriptors = z
  .strictObject({
    file: text.optional(),
    columns: z
      .array(z.strictObject({ name: text, unit: unitOrNone, distance: distance.optional() }))
      .min(1)
      .refine((columns) => new Set(columns.map((column) => column.name)).size === columns.length, 'two columns share a name')
      .optional(),
    from: settingSchema.optional(),
  })
  .transform(({ file, columns, from }, context): Descriptors => {
    if (from !== undefined && file === undefined && columns === undefined) return { from };
    if (from === undefined && file !== undefined && columns !== undefined) return { file, columns };
    const [path, message] =
      from !== undefined
        ? ['from', 'names the file and determines the columns: remove file and columns']
        : [
            file === undefined ? 'file' : 'columns',
            'missing: name a file and its columns, or the structures they are computed from',
          ];
    context.issues.push({ code: 'custom', path: [path], message, input: { file, columns } });
    return z.NEVER;
  });

const schema = z.strictObject({
  name,
  title: text,
  licence: text,
  source: text,
  units: z.record(z.string(), unit).default({}),
  descriptors,
  targets: z.record(name, target).refine((targets) => Object.keys(targets).length > 0, 'name at least one target'),
  ids: columnReference.optional(),
  groups: columnReference.optional(),
  series: z.strictObject({ name: text, unit: unitOrNone, file: text, column: text.optional(), key: text.optional() }).optional(),
  geometry: text.optional(),
});

export type Manifest = z.infer<typeof schema>;
export type ColumnReference = z.infer<typeof columnReference>;

/** Returns the name. Throws NarrowsError `name-invalid`. */
export function requireDatasetName(value: string): string {
  const { success, error } = name.safeParse(value);
  if (success) return value;
  throw new NarrowsError('name-invalid', `"${value}" is not a valid dataset name: ${error.issues[0]?.message}`, { path: 'name' });
}

/** Reads a manifest. Throws NarrowsError `manifest-missing` or `manifest-invalid`. */
export async function readManifest(from: string | FileSource): Promise<Manifest> {
  const source = toFileSource(from);
  const file = source.describe(MANIFEST);
  let bytes: Uint8Array | null;
  try {
    bytes = await joinPieces(source.pieces(MANIFEST), MAX_DOCUMENT_BYTES);
  } catch (error) {
    if (error instanceof NarrowsError && error.code !== 'file-missing') throw error;
    throw new NarrowsError('manifest-missing', `${file} cannot be read`, {
      path: file,
      fix: 'a dataset is a folder with a dataset.yaml; "narrows init DIR" writes one to start from',
      cause: error,
    });
  }
  if (bytes === null) throw manifestTooLarge(file);
  const content = decodeText(bytes);
  if (isDeep(content)) {
    const message = `${file} has values nested more than ${MAX_DEPTH} times`;
    throw new NarrowsError('manifest-invalid', message, { path: file, fix: 'a manifest needs five levels at most' });
  }
  let document: unknown;
  try {
    document = parse(content, { merge: true });
  } catch (error) {
    const where = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
    const line = where ? ` (line ${where.line}, column ${where.col})` : '';
    const message = `${file} is not valid YAML: ${(error as Error).message.split('\n')[0]}${line}`;
    throw new NarrowsError('manifest-invalid', message, { path: file });
  }
  return parseManifest(document);
}

/** Far beyond a manifest: each level takes the parser some kB and a call within a call. */
const MAX_DEPTH = 200;

/** Returns whether brackets, or the signs of a line, are nested too deeply to be parsed. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length && depth <= MAX_DEPTH; at++) {
    const sign = text[at];
    if (sign === '[' || sign === '{') depth++;
    else if ((sign === ']' || sign === '}') && depth > 0) depth--;
  }
  return depth > MAX_DEPTH || SIGNS.test(text);
}

const SIGNS = new RegExp(`(?:[-?:][ \\t]+){${MAX_DEPTH}}`);

const manifestTooLarge = (file: string): NarrowsError =>
  new NarrowsError('manifest-invalid', `${file} has more than ${MAX_DOCUMENT_BYTES / 2 ** 20} MiB`, {
    path: file,
    fix: 'a manifest describes arrays in other files: many columns become a target with energies, a file for each row a pattern',
  });

/** A NarrowsError `manifest-invalid` for a key of the manifest. */
export const manifestInvalid = (path: string, message: string, fix?: string): NarrowsError =>
  new NarrowsError('manifest-invalid', `${MANIFEST}: ${message}`, { path, fix });

function parseManifest(document: unknown): Manifest {
  const parsed = schema.safeParse(document, { error: suggestKey });
  if (parsed.success) {
    requireSpectra(parsed.data);
    return parsed.data;
  }
  // A misspelt key is both unknown and missing: the unknown key is more helpful.
  const { issues } = parsed.error;
  const issue = (issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]) as z.core.$ZodIssue;
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string;
    throw manifestInvalid([...issue.path, key].join('.'), `unknown key "${key}"`, issue.message);
  }
  throw manifestInvalid(path, `${path || 'the whole'}: ${issue.message.replace(/^Invalid input: /, '')}`);
}

/** Describes an unknown key by the known one of its object that is nearest. */
function suggestKey(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined;
  return didYouMean(issue.keys[0] as string, Object.keys((issue.inst as z.ZodObject).shape));
}

/** Requires that moments are computed from a target with spectra and energies. */
function requireSpectra({ targets }: Manifest): void {
  const spectra = Object.entries(targets).flatMap(([other, about]) =>
    'file' in about && (about.energies !== undefined || about.transposed || isPatternReference(about.file)) ? [other] : [],
  );
  for (const [target, about] of Object.entries(targets)) {
    if ('file' in about || spectra.includes(about.moments.of)) continue;
    const { of } = about.moments;
    const other = Object.hasOwn(targets, of) ? (targets[of] as SpectraTarget | MomentsTarget) : null;
    const why = other === null ? 'does not exist' : 'file' in other ? 'has no energies' : 'contains moments, not spectra';
    const there = spectra.length > 0 ? didYouMean(of, spectra) : 'name a target with a file and energies';
    const path = `targets.${target}.moments.of`;
    throw manifestInvalid(path, `${path}: "${of}" ${why}`, other && 'file' in other ? `give ${of} its energies` : there);
  }
}
