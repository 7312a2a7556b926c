/** Answers that say which state of things they are of, so that asking again costs a comparison: ETag and 304. */
import type { Context, TypedResponse } from 'hono';

/** What an answer depends on beside its address: the revision of a sweep, or the hash of its content. */
export type Validator = { readonly revision: number } | { readonly hash: string };

export interface EtagOptions {
  /** The bytes behind this address never change. */
  readonly immutable?: boolean;
  /** Of an answer that is bytes; JSON otherwise. */
  readonly type?: string;
}

const YEAR_SECONDS = 31_536_000;

/**
 * 304 where the client has this state already, else 200 with the body; `body` is asked for only then. Bytes are sent as they are, anything else as JSON.
 */
export async function respondWithEtag<T>(
  context: Context,
  mark: Validator,
  body: () => T | Promise<T>,
  { immutable = false, type }: EtagOptions = {},
): Promise<Response & TypedResponse<T, 200, 'json'>> {
  const tag = formatEtag(mark, String(context.get('build') ?? ''));
  context.header('etag', tag);
  context.header('cache-control', immutable ? `private, max-age=${YEAR_SECONDS}, immutable` : 'private, no-cache');
  if (matchesEtag(context.req.header('if-none-match'), tag)) return context.body(null, 304) as never;
  const content = await body();
  const bytes =
    content instanceof Uint8Array ? (content as Uint8Array<ArrayBuffer>) : new TextEncoder().encode(JSON.stringify(content));
  context.header('content-type', type ?? (content instanceof Uint8Array ? 'application/octet-stream' : 'application/json'));
  context.header('content-length', String(bytes.byteLength));
  return context.body(bytes, 200) as never;
}

/** Weak: the same state may come compressed or not. `build`: another narrows may tell the same state in other words. */
export function formatEtag(mark: Validator, build: string): string {
  const state = 'revision' in mark ? `r${mark.revision}` : mark.hash;
  return `W/"${build === '' ? state : `${state}.${build}`}"`;
}

/** RFC 9110: `*`, or a list of tags compared weakly. */
export function matchesEtag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const bare = (text: string) => text.trim().replace(/^W\//, '');
  return header.split(',').some((one) => bare(one) === '*' || bare(one) === bare(tag));
}
