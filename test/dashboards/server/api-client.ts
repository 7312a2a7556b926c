/** A client of the API for tests, which fails on unexpected responses. */
import assert from 'node:assert/strict';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type Columns, decodeColumns } from '../../../dashboards/contract/columns.ts';
import { type ReportedProblem, readProblem } from './harness.ts';

export interface ApiClient {
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  json<T>(path: string): Promise<T>;
  columns(path: string): Promise<Columns>;
  expectProblem(path: string, status: number, code: string): Promise<ReportedProblem>;
}

/** `app` is called for each request, because it exists only once the servers have started. */
export function createApiClient(app: () => OpenAPIHono): ApiClient {
  const get: ApiClient['get'] = async (path, headers = {}) => app().request(`/api${path}`, { headers });
  return {
    get,
    async json<T>(path: string) {
      const response = await get(path);
      assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
      return (await response.json()) as T;
    },
    async columns(path) {
      const response = await get(path);
      assert.equal(response.status, 200, path);
      return decodeColumns(await response.arrayBuffer());
    },
    async expectProblem(path, status, code) {
      const response = await get(path);
      assert.equal(response.status, status, path);
      const told = await readProblem(response);
      assert.equal(told.code, code);
      return told;
    },
  };
}
