/** Responses of read routes: encoded once, cached, compressed once. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Context, TypedResponse } from 'hono';
import { AsyncCache, type CacheRequest } from './cache/async-cache.ts';
import { type EtagOptions, respondWithEtag } from './middleware/etag.ts';

/** Bytes that encode a T: as JSON, or (T string) as they are. */
export type EncodedBytes<T> = Uint8Array<ArrayBuffer> & { readonly holds?: T };

const encoder = new TextEncoder();
export const encodeJson = <T>(value: T): EncodedBytes<T> => encoder.encode(JSON.stringify(value));

/** A cached body with the hash that its ETag is made of. */
export interface CachedResponse {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly hash: string;
  readonly compressed: () => Promise<Uint8Array<ArrayBuffer>>;
}

/** Counts each body twice, which bounds the compressed copy as well. */
export const createResponseCache = (maxBytes: number) =>
  new AsyncCache<CachedResponse>({ maxBytes, bytesOf: ({ bytes }) => 2 * bytes.byteLength });

/** Smaller bodies are sent uncompressed. */
const COMPRESS_FROM_BYTES = 1024;
/** Level of gzip, 1 to 9: higher ones hardly reduce columns of numbers further, and take longer. */
const COMPRESSION = 1;

const compress = promisify(gzip) as (bytes: Uint8Array, options: { level: number }) => Promise<Uint8Array<ArrayBuffer>>;

/** Responds from the cache, or computes and caches. The ETag hashes the bytes, maybe stale ones. */
export async function respondCached<T>(
  context: Context,
  cache: AsyncCache<CachedResponse>,
  { key, type = 'application/json', immutable = false, ...request }: CacheRequest & EtagOptions & { readonly key: string },
  compute: () => Promise<EncodedBytes<T>>,
): Promise<Response & TypedResponse<T, 200, 'json'>> {
  const { bytes, hash, compressed } = await cache.get(key, request, async () => {
    const encoded = await compute();
    let small: Promise<Uint8Array<ArrayBuffer>> | null = null;
    const compressed = () => (small ??= gzipFast(encoded));
    // A value that is computed in the background is compressed there as well.
    if (acceptsGzip(context, encoded)) await compressed();
    return { bytes: encoded, hash: await hashBytes(encoded), compressed };
  });
  const body = async () => (acceptsGzip(context, bytes) ? asGzip(context, await compressed()) : bytes);
  return respondWithEtag(context, hash, body, { type, immutable }) as never;
}

/** Responds with bytes that are cheap to encode, unless the client has this version. */
export async function respondBytes(
  context: Context,
  version: string,
  encode: () => Uint8Array<ArrayBuffer>,
  options: EtagOptions,
): Promise<Response> {
  const body = async () => {
    const bytes = encode();
    return acceptsGzip(context, bytes) ? asGzip(context, await gzipFast(bytes)) : bytes;
  };
  return respondWithEtag(context, version, body, options);
}

const gzipFast = (bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => compress(bytes, { level: COMPRESSION });

const acceptsGzip = (context: Context, { byteLength }: Uint8Array): boolean =>
  byteLength >= COMPRESS_FROM_BYTES && /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');

function asGzip(context: Context, compressed: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  context.header('content-encoding', 'gzip');
  context.header('vary', 'accept-encoding', { append: true });
  return compressed;
}

async function hashBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Buffer.from(digest.subarray(0, 12)).toString('hex');
}

/** Responds with JSON that is cheap to compute; the ETag is a hash of it. */
export async function respondJson<T>(context: Context, value: T): Promise<Response & TypedResponse<T, 200, 'json'>> {
  const bytes = encodeJson(value);
  return respondWithEtag(context, await hashBytes(bytes), () => bytes, { type: 'application/json' }) as never;
}
