/** Questions to the API, as its tests ask them; an answer that is none fails the test. */
import assert from 'node:assert/strict';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type Columns, decodeColumns } from '../../../dashboards/contract/columns.ts';
import { problemIn, type Told } from './harness.ts';

export interface Asking {
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  json<T>(path: string): Promise<T>;
  columns(path: string): Promise<Columns>;
  refused(path: string, status: number, code: string): Promise<Told>;
}

/** `app`: asked for at each question, as it stands only once a test file's servers do. */
export function asking(app: () => OpenAPIHono): Asking {
  const get: Asking['get'] = async (path, headers = {}) => app().request(`/api${path}`, { headers });
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
    async refused(path, status, code) {
      const response = await get(path);
      assert.equal(response.status, status, path);
      const told = await problemIn(response);
      assert.equal(told.code, code);
      return told;
    },
  };
}
