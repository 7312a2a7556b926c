/** Hostile values in every parameter, body and cursor of every route are the caller's errors. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { OpenAPIV3_1 } from 'openapi-types';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { useFinishedSweeps } from '../dashboards/server/routes/finished-sweeps.ts';
import { DATASET_VERSION } from '../dashboards/server/seed-sweeps.ts';
import { seedRetraining } from '../support/seeded-retraining.ts';

const { harness, sweep } = useFinishedSweeps();

const HOSTILE = [
  '\0',
  'a\0b',
  '\ud800',
  '\u202e\u0007\u001b[2J',
  '%',
  '%00',
  '../../etc/passwd',
  "'; drop table sweeps; --",
  '-1',
  '0',
  '1.5',
  'NaN',
  '1e400',
  '9007199254740993',
  '2147483648',
  '99999999999999999999999',
  '__proto__',
  'constructor',
  'a=1',
  'k=1\0',
  'trial=a\0b',
  'message=a\0b',
  'k=1e308,k!=-0',
  `${'k=1,'.repeat(500)}k=1`,
  `k=${'1|'.repeat(900)}1`,
  'x'.repeat(3000),
  ','.repeat(2000),
  `${'a,'.repeat(4000)}a`,
  '*',
  '[]',
  '🦀',
];

const POSITIONS: unknown[] = [
  null,
  [],
  {},
  'text',
  ...[
    'infinity',
    '294277-01-01 00:00:00+00',
    '2024-13-45 99:99:99',
    '0000-00-00 00:00',
    '2024-01-01 00:00:00+99:99',
    '9999999-1-1',
  ].flatMap((at) => [
    { at, id: 'a' },
    { at, id: '00000000-0000-4000-8000-000000000000' },
    { startedAt: at, id: 'a' },
  ]),
  { at: '2024-01-01 00:00:00+00', id: 'a\0' },
  { startedAt: '2024-01-01 00:00:00+00', id: '\0' },
  { startedAt: '2024-01-01 00:00:00+00', id: '\ud800' },
  ['validation', 'desc', 1e308, 9007199254740991],
  ['validation', 'desc', 'a', 1],
  ['validation', 'desc', null, 2 ** 33],
  ['validation', 'desc', -1, -1],
];

const cursorOf = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
const CURSORS = [...POSITIONS.map(cursorOf), Buffer.from('['.repeat(9000)).toString('base64url'), 'a', '*', '\0'];

const BODIES: readonly (readonly [body: string, type?: string])[] = [
  ['['.repeat(100_000)],
  [`${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`],
  ['null'],
  ['1e999'],
  ['"\\ud800"'],
  ['[]'],
  ['{}'],
  ['{"__proto__":{"a":1}}'],
  ['{"a":1}', 'text/plain'],
  ['{"a":1}', 'application/json; charset=utf-16'],
  ['{"a":1}', 'multipart/form-data'],
  ['\u0000'],
  ['{}', ''],
];

/** Texts of specs that are hostile themselves. */
const SPECS = [
  '\0',
  'dataset: "little\\0"\ntarget: xes\nspace: { k: [1] }\n',
  'dataset: "\\ud800"\ntarget: xes\nspace: { k: [1] }\n',
  'dataset: little\ntarget: "x\\0"\nspace: { k: [1] }\n',
  'name: "a\\0"\ndataset: little\ntarget: xes\nspace: { k: [1] }\n',
  'dataset: little\ntarget: xes\nspace: { k: [1], start: warm }\nwarm: { ednn/1: "s\\0" }\n',
  '['.repeat(50_000),
  `${'{a: '.repeat(20_000)}`,
  `a: &a [${'x,'.repeat(50)}]\nb: [${'*a,'.repeat(50)}]\n<<: [${'*a,'.repeat(50)}]\n`,
  'dataset: little\ntarget: xes\nspace: { k: [1] }\nseeds: [9007199254740993, 1e300]\n',
];

type Operation = OpenAPIV3_1.OperationObject & { readonly path: string; readonly method: string };
type Parameter = OpenAPIV3_1.ParameterObject;

let app: OpenAPIHono;
let operations: Operation[];
const values: Record<string, string> = {};
/** Sends a request with valid values, but for these; null where no client could send it. */
async function send({ path, method, parameters = [] }: Operation, changed: Record<string, string>, init: RequestInit = {}) {
  const given = { ...values, ...changed };
  const query = new URLSearchParams();
  const headers = new Headers(init.headers);
  for (const { name, in: where, required } of parameters as Parameter[]) {
    const value = given[name];
    if (value === undefined || (required !== true && !(name in changed))) continue;
    if (where === 'query') query.set(name, value);
    try {
      if (where === 'header') headers.set(name, value);
    } catch {
      return null;
    }
  }
  const resolved = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encode(given[name] ?? ''));
  return app.request(`${resolved}?${query}`, { method, ...init, headers });
}

/** Encodes a segment; text that is not valid Unicode is sent as bytes that are not valid UTF-8. */
function encode(segment: string): string {
  try {
    return encodeURIComponent(segment);
  } catch {
    return '%ED%A0%80';
  }
}

/** Checks that a response is no error of the server; Temporal does not run here. */
async function expectAnswer(response: Response | null, what: string): Promise<void> {
  if (response === null) return;
  const isStream = response.headers.get('content-type') === 'text/event-stream';
  const text = isStream ? '' : await response.text();
  await response.body?.cancel().catch(() => {});
  if (response.status < 500) return;
  assert.equal((JSON.parse(text) as { code: string }).code, 'temporal-unreachable', `${what}: ${response.status} ${text}`);
}

const withBody = (body: string, type = 'application/json'): RequestInit => ({
  body,
  headers: type === '' ? {} : { 'content-type': type },
});

describe('hostile requests', () => {
  before(async () => {
    app = harness().app();
    const document = (await (await app.request('/openapi.json')).json()) as OpenAPIV3_1.Document;
    operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      Object.entries(item ?? {}).map(([method, operation]) => ({ ...(operation as OpenAPIV3_1.OperationObject), path, method })),
    );
    const { name, runs } = await seedRetraining(harness().db.sql, await findSweep(harness().db.sql, sweep().id), { grow: false });
    const [trial] = await harness().db.sql`
      select t.id from trials t join models m on m.trial_id = t.id where t.sweep_id = ${sweep().id} limit 1`;
    const [champion] = await harness().db.sql`select id from champions where until is null limit 1`;
    Object.assign(values, {
      sweep: sweep().id,
      sweeps: sweep().id,
      trial: trial?.id,
      operation: 'predict',
      name: 'little',
      version: DATASET_VERSION.slice(0, 12),
      retraining: name,
      run: runs.promoted,
      champion: champion?.id,
      'idempotency-key': 'a key',
    });
  });
  test('values of parameters', async () => {
    for (const operation of operations) {
      for (const { name } of (operation.parameters ?? []) as Parameter[]) {
        const hostile = name === 'cursor' ? [...HOSTILE, ...CURSORS] : HOSTILE;
        const answers = hostile.map(async (value) => {
          const what = `${operation.method} ${operation.path} ${name}=${JSON.stringify(value.slice(0, 60))}`;
          await expectAnswer(await send(operation, { [name]: value }), what);
        });
        await Promise.all(answers);
      }
    }
  });
  test('bodies', async () => {
    for (const operation of operations.filter(({ method }) => method !== 'get')) {
      for (const [body, type] of BODIES) {
        const what = `${operation.method} ${operation.path} body ${JSON.stringify(body.slice(0, 40))} ${type}`;
        await expectAnswer(await send(operation, {}, withBody(body, type)), what);
      }
    }
  });
  test('fields of bodies', async () => {
    const fields: Record<string, readonly string[]> = {
      '/api/plan': ['spec', 'name'],
      '/api/plan/samplers': ['spec', 'name'],
      '/api/sweeps': ['spec', 'name'],
      '/api/session': ['token'],
      '/api/trials/{trial}/{operation}': ['structures', 'rows', 'k'],
      '/api/sweeps/{sweep}/retry': ['failedOnly'],
      '/api/sweeps/{sweep}/extend': ['trials', 'seeds', 'k', 'epochs', 'name'],
    };
    const good = { spec: 'dataset: little\ntarget: xes\nspace: { k: [1] }\n' };
    for (const operation of operations.filter(({ method }) => method === 'post')) {
      for (const field of fields[operation.path] ?? []) {
        const others = [-1, 0, 1.5, 1e308, 2 ** 53, null, {}, [], [[]], [[1e308]], [[1], [1, 2]], [['a']]];
        for (const value of [...HOSTILE, ...(field === 'spec' ? SPECS : []), ...others]) {
          const body = JSON.stringify({ ...(/plan|sweeps$/.test(operation.path) && good), [field]: value });
          const what = `${operation.path} ${field}=${JSON.stringify(value).slice(0, 60)}`;
          await expectAnswer(await send(operation, { 'idempotency-key': `k${Math.random()}` }, withBody(body)), what);
        }
      }
    }
  });
});
