/** Datasets and their versions. */
import { z } from '@hono/zod-openapi';

export const datasetVersionSchema = z
  .object({
    name: z.string(),
    version: z.string(),
    parent: z
      .string()
      .nullable()
      .openapi({ description: 'The version that it was appended to; null where it was imported as a whole.' }),
    newest: z.boolean(),
    importedAt: z.iso.datetime(),
    title: z.string(),
    rows: z.int(),
    added: z.int().openapi({ description: 'Rows that came with it.' }),
    descriptors: z.int(),
    varying: z.int(),
    groups: z.int().nullable(),
    targets: z.array(z.object({ name: z.string(), columns: z.int(), unit: z.string().nullable() })),
    sweeps: z.int().openapi({ description: 'Sweeps on this version.' }),
  })
  .openapi('DatasetVersion');

export const datasetDetailSchema = datasetVersionSchema
  .extend({
    licence: z.string().nullable(),
    source: z.string().nullable(),
    series: z.string().nullable(),
    columns: z.array(z.object({ name: z.string(), unit: z.string() })),
    files: z.record(z.string(), z.string()).openapi({ description: 'sha256 by file.' }),
    energies: z.record(z.string(), z.object({ from: z.number(), to: z.number(), unit: z.string(), points: z.int() })),
  })
  .openapi('DatasetDetail');

export const appendedShardSchema = z
  .object({
    name: z.string(),
    version: z.string().openapi({ description: 'The newest version then: the new one, or the old where nothing was new.' }),
    parent: z.string().openapi({ description: 'The version that it was appended to.' }),
    created: z.boolean(),
    rows: z.int().openapi({ description: 'Of the version.' }),
    added: z.int(),
    duplicates: z.int().openapi({ description: 'Rows that were there already.' }),
    tied: z.int().openapi({ description: "Added rows whose structure nearly equals another one's." }),
    changed: z.int().openapi({ description: 'Added rows with the id of an earlier one.' }),
  })
  .openapi('AppendedShard');

export type DatasetVersion = z.infer<typeof datasetVersionSchema>;
export type DatasetDetail = z.infer<typeof datasetDetailSchema>;
