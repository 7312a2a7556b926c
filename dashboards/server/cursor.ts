/** Paging of lists: cursors that only the server reads, and pages that end with one. */
import { z } from '@hono/zod-openapi';
import { NarrowsError } from '../../errors.ts';
import type { Page } from '../contract/shared.ts';

/** A timestamp as Postgres writes it. */
export const timestampSchema = z
  .string()
  .max(40)
  .refine((text) => isoSchema.safeParse(text.replace(' ', 'T').replace(/(?<=[+-]\d\d)$/, ':00')).success);

/** A real date; Postgres has no year 0. */
const isoSchema = z.iso.datetime({ offset: true }).regex(/^(?!0000)/);

const encodeCursor = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString('base64url');

/** Returns null without a cursor, where a list begins. Throws NarrowsError `cursor-invalid`. */
export function decodeCursor<Schema extends z.ZodType>(schema: Schema, cursor: string | undefined): z.infer<Schema> | null {
  if (cursor === undefined) return null;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw invalidCursorError();
  }
}

export const invalidCursorError = (): NarrowsError =>
  new NarrowsError('cursor-invalid', 'the cursor does not belong to this list', {
    path: 'cursor',
    fix: 'pass "next" of a page with the same filter and order, or no cursor to start at the beginning',
  });

/** Formats one page of a list; `next`: the position after its last item, null on the last page. */
export const formatPage = <Item>(
  { matched, total, next }: Pick<Page<Item>, 'matched' | 'total'> & { readonly next: unknown },
  items: Item[],
) => ({ items, matched, total, next: next ? encodeCursor(next) : null });
