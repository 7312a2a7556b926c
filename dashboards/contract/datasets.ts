/** Datasets and their versions. */
import { z } from '@hono/zod-openapi';
import { extended, listOf, named } from './shared.ts';

export const datasetVersionSchema = named('DatasetVersion', {
  name: z.string(),
  version: z.string(),
  parent: z.string().nullable().describe('Version it was appended to; null if it was imported as a whole.'),
  newest: z.boolean(),
  importedAt: z.iso.datetime(),
  title: z.string(),
  rows: z.int(),
  added: z.int().describe('Rows added by this version.'),
  descriptors: z.int(),
  varying: z.int(),
  groups: z.int().nullable(),
  targets: listOf({ name: z.string(), columns: z.int(), unit: z.string().nullable() }),
  sweeps: z.int().describe('Number of sweeps on this version.'),
});

export const datasetDetailSchema = extended('DatasetDetail', datasetVersionSchema, {
  licence: z.string().nullable(),
  source: z.string().nullable(),
  series: z.string().nullable(),
  columns: listOf({ name: z.string(), unit: z.string() }),
  files: z.record(z.string(), z.string()).describe('SHA-256 by file.'),
  energies: z.record(z.string(), z.object({ from: z.number(), to: z.number(), unit: z.string(), points: z.int() })),
});

export const appendedShardSchema = named('AppendedShard', {
  name: z.string(),
  version: z.string().describe('Newest version: the new one, or the parent if no row is new.'),
  parent: z.string().describe('Version it was appended to.'),
  created: z.boolean(),
  rows: z.int().describe('Rows of the version.'),
  added: z.int(),
  duplicates: z.int().describe('Rows that already exist.'),
  tied: z.int().describe('Added rows with a near-duplicate structure.'),
  changed: z.int().describe('Added rows with the id of an earlier row.'),
  warnings: listOf({ code: z.string(), message: z.string(), path: z.string().describe('Key of the manifest.') }),
});

export type DatasetVersion = z.infer<typeof datasetVersionSchema>;
export type DatasetDetail = z.infer<typeof datasetDetailSchema>;
