/** Where a list goes on, as a word that only the server reads. */
import type { z } from '@hono/zod-openapi';
import { NarrowsError } from '../../errors.ts';

export const encodeCursor = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url');

/** Throws NarrowsError `cursor-invalid`. */
export function decodeCursor<Schema extends z.ZodType>(schema: Schema, cursor: string): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw invalidCursorError();
  }
}

export function invalidCursorError(): NarrowsError {
  return new NarrowsError('cursor-invalid', 'the cursor is none that this list has given', {
    path: 'cursor',
    fix: 'take "next" of a page with the same filter and order, or begin without a cursor',
  });
}
