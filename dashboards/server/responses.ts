/** Routes that say what they answer: what /openapi.json documents is what requests are held against. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context, TypedResponse } from 'hono';
import { COLUMNS_TYPE } from '../contract/columns.ts';
import { problemSchema } from '../contract/shared.ts';
import { AsyncCache, type CacheRequest } from './cache/async-cache.ts';
import { respondWithEtag } from './middleware/etag.ts';
import { problemResponse } from './problem-response.ts';

/** A router whose faulty requests are answered 422, naming the parameter. */
export function createRouter(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result, context) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      const path = issue?.path.join('.') ?? '';
      return problemResponse(context, 422, {
        code: 'parameter-invalid',
        detail: `${path}: ${issue?.message ?? 'not valid'}`,
        path,
      });
    },
  });
}

export const limitSchema = z.coerce.number().int().min(1).max(1000).default(50);

interface Get<Params extends z.ZodObject, Query extends z.ZodObject> {
  readonly path: string;
  readonly summary: string;
  readonly params: Params;
  readonly query: Query;
}

const failures = {
  default: { description: 'What is wrong', content: { 'application/problem+json': { schema: problemSchema } } },
} as const;

const NONE = z.object({});

/** A route that answers JSON. */
export function jsonRoute<
  Schema extends z.ZodType,
  Params extends z.ZodObject = typeof NONE,
  Query extends z.ZodObject = typeof NONE,
>(schema: Schema, { path, summary, params, query }: Pick<Get<Params, Query>, 'path' | 'summary'> & Partial<Get<Params, Query>>) {
  return createRoute({
    method: 'get',
    path,
    summary,
    request: { params: (params ?? NONE) as Params, query: (query ?? NONE) as Query },
    responses: { 200: { description: 'The answer', content: { 'application/json': { schema } } }, ...failures },
  });
}

/** A route that answers bytes: by default columns of contract/columns.ts. */
export function bytesRoute<Params extends z.ZodObject = typeof NONE, Query extends z.ZodObject = typeof NONE>(
  { path, summary, params, query }: Pick<Get<Params, Query>, 'path' | 'summary'> & Partial<Get<Params, Query>>,
  type: string = COLUMNS_TYPE,
) {
  const schema = z.string().openapi({ format: 'binary' });
  return createRoute({
    method: 'get',
    path,
    summary,
    request: { params: (params ?? NONE) as Params, query: (query ?? NONE) as Query },
    responses: { 200: { description: 'The answer', content: { [type]: { schema } } }, ...failures },
  });
}

/** Bytes that hold a T: as JSON, or (T string) as they are. */
export type EncodedBytes<T> = Uint8Array<ArrayBuffer> & { readonly holds?: T };

const encoder = new TextEncoder();
export const encodeJson = <T>(value: T): EncodedBytes<T> => encoder.encode(JSON.stringify(value));

/** Bytes that are kept, with the hash that their ETag is made of, and compressed once instead of for everyone who asks. */
export interface CachedResponse {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hash: string;
  readonly compressed: () => Promise<Uint8Array<ArrayBuffer>>;
}

export const createResponseCache = (maxBytes: number) =>
  // Compressed it is smaller than as it is.
  new AsyncCache<CachedResponse>({ maxBytes, bytesOf: ({ bytes }) => 2 * bytes.byteLength });

/** Below this a compressed answer is not worth the while. */
const COMPRESS_FROM_BYTES = 1024;
/** Of 1 to 9: columns of figures hardly get smaller beyond. */
const COMPRESSION = 2;

const gzipped = promisify(gzip) as (bytes: Uint8Array, options: { level: number }) => Promise<Uint8Array<ArrayBuffer>>;

/** Answers from what is kept, or computes and keeps. The ETag is of the bytes, since they may be older than what was asked for. */
export async function respondCached<T>(
  context: Context,
  kept: AsyncCache<CachedResponse>,
  key: string,
  asking: CacheRequest,
  compute: () => Promise<EncodedBytes<T>>,
  { type = 'application/json', immutable = false }: { readonly type?: string; readonly immutable?: boolean } = {},
): Promise<Response & TypedResponse<T, 200, 'json'>> {
  const { bytes, hash, compressed } = await kept.get(key, asking, async () => {
    const made = await compute();
    let small: Promise<Uint8Array<ArrayBuffer>> | null = null;
    return { bytes: made, hash: await hashOf(made), compressed: () => (small ??= gzipped(made, { level: COMPRESSION })) };
  });
  const compressing = bytes.byteLength >= COMPRESS_FROM_BYTES && /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');
  const body = async () => {
    if (!compressing) return bytes;
    const small = await compressed();
    context.header('content-encoding', 'gzip');
    context.header('vary', 'accept-encoding', { append: true });
    return small;
  };
  return respondWithEtag(context, { hash }, body, { type, immutable }) as never;
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest.subarray(0, 12), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** An answer that is cheap to make: the ETag is of its bytes. */
export async function respondJson<T>(context: Context, value: T): Promise<Response & TypedResponse<T, 200, 'json'>> {
  const bytes = encodeJson(value);
  return respondWithEtag(context, { hash: await hashOf(bytes) }, () => bytes, { type: 'application/json' }) as never;
}
