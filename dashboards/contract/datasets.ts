/** Datasets and their versions. */
import { z } from '@hono/zod-openapi';

export const datasetVersionSchema = z
  .object({
    name: z.string(),
    version: z.string(),
    parent: z.string().nullable().openapi({ description: 'Version it was appended to; null if it was imported as a whole.' }),
    newest: z.boolean(),
    importedAt: z.iso.datetime(),
    title: z.string(),
    rows: z.int(),
    added: z.int().openapi({ description: 'Rows added by this version.' }),
    descriptors: z.int(),
    varying: z.int(),
    groups: z.int().nullable(),
    targets: z.array(z.object({ name: z.string(), columns: z.int(), unit: z.string().nullable() })),
    sweeps: z.int().openapi({ description: 'Number of sweeps on this version.' }),
  })
  .openapi('DatasetVersion');

export const datasetDetailSchema = datasetVersionSchema
  .extend({
    licence: z.string().nullable(),
    source: z.string().nullable(),
    series: z.string().nullable(),
    columns: z.array(z.object({ name: z.string(), unit: z.string() })),
    files: z.record(z.string(), z.string()).openapi({ description: 'SHA-256 by file.' }),
    energies: z.record(z.string(), z.object({ from: z.number(), to: z.number(), unit: z.string(), points: z.int() })),
  })
  .openapi('DatasetDetail');

export const appendedShardSchema = z
  .object({
    name: z.string(),
    version: z.string().openapi({ description: 'Newest version: the new one, or the parent if no row is new.' }),
    parent: z.string().openapi({ description: 'Version it was appended to.' }),
    created: z.boolean(),
    rows: z.int().openapi({ description: 'Rows of the version.' }),
    added: z.int(),
    duplicates: z.int().openapi({ description: 'Rows that already exist.' }),
    tied: z.int().openapi({ description: 'Added rows with a near-duplicate structure.' }),
    changed: z.int().openapi({ description: 'Added rows with the id of an earlier row.' }),
  })
  .openapi('AppendedShard');

export type DatasetVersion = z.infer<typeof datasetVersionSchema>;
export type DatasetDetail = z.infer<typeof datasetDetailSchema>;
