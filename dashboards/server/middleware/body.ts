/** Receives bodies of requests, after the caller is known: bounded in size and time. */
import type { Context, MiddlewareHandler } from 'hono';
import { NarrowsError } from '../../../errors.ts';
import type { Limits } from '../limits.ts';
import { BODY_NO_JSON } from '../problem-response.ts';
import { isReadRequest } from './auth.ts';

/** Uploads of archives, which their route streams and limits itself. */
const isPush = ({ method, path }: { readonly method: string; readonly path: string }) =>
  method === 'POST' && /^\/api\/datasets\/[^/]+\/shards$/.test(path);

type BodyLimits = Pick<Limits, 'bodyIdleMs' | 'bodyTotalMs'> & { readonly maxBytes: number };

/**
 * Requires a body to be valid JSON, that of an upload a zip archive. An empty body passes. Throws
 * NarrowsError `body-too-large`, `body-too-slow`, `body-cut-short`, `body-no-json`, `body-no-zip`,
 * `json-broken`.
 */
export function receiveBody(limits: BodyLimits): MiddlewareHandler {
  return async (context, next) => {
    if (isReadRequest(context.req.method)) return next();
    if (isPush(context.req)) {
      requireZip(context);
      return next();
    }
    const bytes = await readBody(context.req.raw, limits);
    // Bytes, to which no content type is added.
    context.req.raw = new Request(context.req.raw, { body: bytes });
    if (bytes.length > 0) requireJson(context, new TextDecoder().decode(bytes));
    return next();
  };
}

function requireZip({ req }: Context): void {
  if (/^application\/zip$/i.test(req.header('content-type') ?? '')) return;
  const fix = 'send it with "Content-Type: application/zip"';
  throw new NarrowsError('body-no-zip', 'a shard must be a zip archive', { fix });
}

function requireJson({ req }: Context, text: string): void {
  if (!/^application\/json\s*(;|$)/i.test(req.header('content-type') ?? ''))
    throw new NarrowsError('body-no-json', BODY_NO_JSON.detail, { fix: BODY_NO_JSON.fix });
  try {
    JSON.parse(text);
  } catch {
    // The parser's message quotes the body, which may hold a token.
    throw new NarrowsError('json-broken', 'the body is not valid JSON');
  }
}

async function readBody(request: Request, { maxBytes, bodyIdleMs, bodyTotalMs }: BodyLimits): Promise<Uint8Array<ArrayBuffer>> {
  // A declared size is refused before anything is read.
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLargeError(maxBytes);
  if (!request.body) return new Uint8Array(0);
  const reader = request.body.getReader();
  const silence = Promise.withResolvers<never>();
  silence.promise.catch(() => {});
  const expire = (ms: number) => setTimeout(() => silence.reject(tooSlowError(ms)), ms);
  const [idle, total] = [expire(bodyIdleMs), expire(bodyTotalMs)];
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), silence.promise]);
      if (done) break;
      idle.refresh();
      size += value.length;
      if (size > maxBytes) throw tooLargeError(maxBytes);
      chunks.push(value);
    }
  } catch (error) {
    if (error instanceof NarrowsError) throw error;
    throw new NarrowsError('body-cut-short', 'the body of the request is incomplete', { fix: 'send it again', cause: error });
  } finally {
    clearTimeout(idle);
    clearTimeout(total);
  }
  return Buffer.concat(chunks);
}

const tooLargeError = (bytes: number) =>
  new NarrowsError('body-too-large', `the body of this request is limited to ${bytes / 1000} kB`);

const tooSlowError = (ms: number) =>
  new NarrowsError('body-too-slow', `the body of the request did not arrive within ${ms / 1000} s`, {
    fix: 'send it at once',
  });
