/** GET /openapi.json: the routes as they are mounted, with names that generated clients call them by. */
import type { OpenAPIHono } from '@hono/zod-openapi';

const METHODS = ['get', 'post', 'delete'] as const;

export function openApiDocument(app: OpenAPIHono, version: string) {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'narrows',
      version,
      description:
        'Sweeps over bottlenecked surrogates of X-ray spectroscopy: what runs, what was found, and what may be asked for.',
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
          METHODS.some((one) => one === method) ? { operationId: operationName(method, path), ...operation } : operation,
        ]),
      ),
    ]),
  );
  return { ...document, components, paths };
}

/** get, /api/sweeps/{sweep}/trials -> getSweepsBySweepTrials */
export function operationName(method: string, path: string): string {
  const words = path
    .split('/')
    .filter((word) => word !== '' && word !== 'api')
    .map((word) => (word.startsWith('{') ? `By${capital(word.slice(1, -1))}` : capital(word)));
  return `${method}${words.join('')}`;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
