/** GET /openapi.json: the mounted routes, with operation ids for generated clients. */
import type { OpenAPIHono } from '@hono/zod-openapi';

const METHODS = ['get', 'post', 'delete'] as const;

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
        Object.entries(item).map(([method, operation]) => [
          method,
          METHODS.some((one) => one === method) ? { operationId: operationId(method, path), ...operation } : operation,
        ]),
      ),
    ]),
  );
  return { ...document, components, paths };
}

/** Returns an operation id: get, /api/sweeps/{sweep}/trials -> getSweepsBySweepTrials. */
export function operationId(method: string, path: string): string {
  const words = path
    .split('/')
    .filter((word) => word !== '' && word !== 'api')
    .map((word) => (word.startsWith('{') ? `By${capitalise(word.slice(1, -1))}` : capitalise(word)));
  return `${method}${words.join('')}`;
}

const capitalise = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
