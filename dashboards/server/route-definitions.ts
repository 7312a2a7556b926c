/** Building blocks of route definitions, which validate requests and document /openapi.json. */
import { createRoute, z } from '@hono/zod-openapi';
import { COLUMNS_TYPE } from '../contract/columns.ts';
import { keySchema, problemSchema } from '../contract/shared.ts';

/** Query of a list that is read page by page. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  cursor: z.string().optional(),
});

export const sweepParam = z.object({ sweep: keySchema.describe('Id, or name of the newest.') });

export const jsonContent = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});

/** A body of JSON that a request must have. */
export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  required: true as const,
  content: { 'application/json': { schema } },
});

export const problemContent = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

export const readErrors = {
  401: problemContent('No token, or an invalid one.'),
  403: problemContent('Not allowed for this role, host or origin.'),
  404: problemContent('Not found.'),
  422: problemContent('Invalid request: where, why and the fix.'),
  429: problemContent('Too many at once, or too many failed attempts to sign in: Retry-After says when.'),
  500: problemContent('Internal error.'),
  503: problemContent('Postgres or Temporal is unreachable.'),
} as const;

export const mutationErrors = {
  400: problemContent('Malformed JSON, or a missing key.'),
  ...readErrors,
  408: problemContent('The body arrived too slowly.'),
  409: problemContent('Conflict with the current state.'),
  413: problemContent('Body too large.'),
  415: problemContent('Unsupported content type.'),
} as const;

const EMPTY = z.object({});

interface RouteOptions<Params extends z.ZodObject, Query extends z.ZodObject> {
  readonly path: string;
  readonly summary: string;
  readonly params?: Params;
  readonly query?: Query;
}

/** Defines a GET route that responds with JSON. */
export function jsonRoute<
  Schema extends z.ZodType,
  Params extends z.ZodObject = typeof EMPTY,
  Query extends z.ZodObject = typeof EMPTY,
>(schema: Schema, options: RouteOptions<Params, Query>) {
  return getRoute(options, { 'application/json': { schema } });
}

/** Defines a GET route that responds with bytes: by default columns of contract/columns.ts. */
export function bytesRoute<Params extends z.ZodObject = typeof EMPTY, Query extends z.ZodObject = typeof EMPTY>(
  options: RouteOptions<Params, Query>,
  type: string = COLUMNS_TYPE,
) {
  return getRoute(options, { [type]: { schema: z.string().openapi({ format: 'binary' }) } });
}

function getRoute<Params extends z.ZodObject, Query extends z.ZodObject, Content extends Record<string, { schema: z.ZodType }>>(
  { path, summary, params, query }: RouteOptions<Params, Query>,
  content: Content,
) {
  return createRoute({
    method: 'get',
    path,
    summary,
    request: { params: (params ?? EMPTY) as Params, query: (query ?? EMPTY) as Query },
    responses: { 200: { description: 'The result.', content }, default: problemContent('What is wrong.') },
  });
}
