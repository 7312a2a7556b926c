/**
 * Archives of sweeps: one file of lines of JSON, compressed by gzip. The first line is the
 * manifest, the last one the end, with the number of rows and the hash of all lines before it; in
 * between are arrays, each with its pieces after it, and rows of tables in the order in which they
 * can be inserted. Rows are as Postgres writes them as JSON: they come back as they were.
 */
import { z } from 'zod';

export const ARCHIVE_VERSION = 1;

const count = z.int().nonnegative();

export const manifestSchema = z.strictObject({
  format: z.literal('narrows-archive'),
  version: z.int().positive(),
  /** Newest migration of the database that it was written from. */
  schema: z.string(),
  codeVersion: z.string(),
  createdAt: z.iso.datetime(),
  sweeps: z.array(z.strictObject({ id: z.string(), name: z.string(), trials: count })).min(1),
  datasets: z.array(z.strictObject({ name: z.string(), version: z.string() })),
});

export type ArchiveManifest = z.infer<typeof manifestSchema>;

export const endSchema = z.strictObject({
  end: z.strictObject({ rows: z.record(z.string(), count), arrays: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
});

export type ArchiveEnd = z.infer<typeof endSchema>['end'];

export const contentSchema = z.union([
  z.strictObject({ array: z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: count }) }),
  z.strictObject({ piece: z.base64() }),
  z.strictObject({
    table: z.string().regex(/^[a-z_]+$/),
    rows: z.array(z.record(z.string().regex(/^[a-z_0-9]+$/), z.unknown())).min(1),
  }),
]);

export type ArchiveContent = z.infer<typeof contentSchema>;
