/** GET /openapi.json: the mounted routes, with operation ids for generated clients. */
import type { OpenAPIHono } from '@hono/zod-openapi';

export function openApiDocument(app: OpenAPIHono, version: string) {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'narrows',
      version,
      description: 'Sweeps over bottlenecked surrogates of X-ray spectroscopy: progress, results and actions.',
    },
    security: [{ token: [] }, {}],
  });
  const components = { ...document.components, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } };
  const paths = Object.fromEntries(
    Object.entries(document.paths ?? {}).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(item).map(([method, operation]) => [method, { operationId: operationId(method, path), ...operation }]),
      ),
    ]),
  );
  return { ...document, components, paths };
}

/** Returns an operation id: get, /api/sweeps/{sweep}/trials -> getSweepsBySweepTrials. */
export function operationId(method: string, path: string): string {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '' && segment !== 'api')
    .map((segment) => (segment.startsWith('{') ? `By${capitalise(segment.slice(1, -1))}` : capitalise(segment)));
  return `${method}${segments.join('')}`;
}

const capitalise = (segment: string): string => segment.charAt(0).toUpperCase() + segment.slice(1);
