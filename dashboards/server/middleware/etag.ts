/** Conditional responses: ETag and 304. */
import type { Context, TypedResponse } from 'hono';

export interface EtagOptions {
  /** The content of this URL never changes. */
  readonly immutable?: boolean;
  /** Content type of a body of bytes; others are JSON. */
  readonly type?: string;
}

/** Cache control of a URL whose content never changes: for a year. */
export const IMMUTABLE = 'max-age=31536000, immutable';

/** Responds 304 if the client has this version (a revision, a hash), else 200 with `body()`. */
export async function respondWithEtag<T>(
  context: Context,
  version: string,
  body: () => T | Promise<T>,
  { immutable = false, type }: EtagOptions = {},
): Promise<Response & TypedResponse<T, 200, 'json'>> {
  const tag = formatEtag(version, String(context.get('build') ?? ''));
  context.header('etag', tag);
  context.header('cache-control', immutable ? `private, ${IMMUTABLE}` : 'private, no-cache');
  if (matchesEtag(context.req.header('if-none-match'), tag)) return context.body(null, 304) as never;
  const content = await body();
  const isBytes = content instanceof Uint8Array;
  const bytes = isBytes ? (content as Uint8Array<ArrayBuffer>) : new TextEncoder().encode(JSON.stringify(content));
  context.header('content-type', type ?? (isBytes ? 'application/octet-stream' : 'application/json'));
  context.header('content-length', String(bytes.byteLength));
  return context.body(bytes, 200) as never;
}

/** Weak: the same state may be sent compressed or not. `build` distinguishes builds of narrows. */
export function formatEtag(version: string, build: string): string {
  return `W/"${build === '' ? version : `${version}.${build}`}"`;
}

/** Evaluates If-None-Match (RFC 9110): `*`, or a list of tags compared weakly. */
export function matchesEtag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  const opaque = (text: string) => text.trim().replace(/^W\//, '');
  return header.split(',').some((one) => opaque(one) === '*' || opaque(one) === opaque(tag));
}
