/**
 * A client generated from /openapi.json calls every route, and every response matches the document.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { zipSync } from 'fflate';
import { type Document, OpenAPIClientAxios } from 'openapi-client-axios';
import { createApp } from '../../../dashboards/server/app.ts';
import { operationId } from '../../../dashboards/server/openapi.ts';
import { listCurrentChampions } from '../../../db/queries/retraining/champions.ts';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { type RunningServer, startServer } from '../../../infra/api/server.ts';
import { startRetraining } from '../../../operations/retraining/retrainings.ts';
import { checkSpec } from '../../../operations/sweeps/check.ts';
import { createToken } from '../../../operations/tokens.ts';
import { storageOf } from '../../db/database.ts';
import { RETRAIN_OPTIONS, seedRetraining } from '../../support/seeded-retraining.ts';
import { type ApiHarness, startApiHarness } from './harness.ts';
import { startWorkerHarness } from './worker-harness.ts';

const spec = (name: string, epochs: number) => `name: ${name}
dataset: water
target: xes
methods: [ednn, eca, nnca]
space: { k: [1, 2], hidden: [16], learningRate: { choice: [0.01, 0.02] } }
seeds: 2
training: { epochs: ${epochs}, batch: 256 }
`;

/** Rows are pushed; no folder is watched. */
const SCHEDULED = { ...RETRAIN_OPTIONS, watchDir: null };

type Method = 'get' | 'post' | 'delete';

interface Call {
  readonly method: Method;
  readonly path: string;
  /** In addition to the tables below. */
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Orders routes by dependency; the document lists them by path. */
const ORDER = ['pause', 'resume', 'cancel', 'retry'];

/** Loaded first, because the tests are generated from it. */
const document = await documentOf();
const calls: Call[] = Object.entries(document.paths ?? {})
  .flatMap(([path, item]) => (Object.keys(item ?? {}) as Method[]).map((method) => ({ method, path })))
  .sort((a, b) => place(a) - place(b));

function place({ method, path }: Call): number {
  if (method === 'delete') return 100;
  // Later calls add rows, and a sweep of older data is not extended.
  if (path.endsWith('/extend')) return 5;
  return method === 'get' ? 0 : 10 + ORDER.indexOf(path.split('/').at(-1) ?? '');
}

async function documentOf(): Promise<Document> {
  await using harness = await startApiHarness();
  return (await createApp(harness.dependencies).request('/openapi.json')).json() as Promise<Document>;
}

/** Values of required parameters by name. */
const parameters: Record<string, string> = {};
const bodies: Record<string, unknown> = {
  '/api/trials/{trial}/{operation}': { rows: [[104, 1, 0.95]] },
  '/api/plan': { spec: spec('planned', 2) },
  '/api/plan/samplers': { spec: spec('planned', 2) },
  '/api/sweeps': { spec: spec('started', 2) },
  '/api/sweeps/{sweep}/retry': { failedOnly: false },
  '/api/sweeps/{sweep}/extend': { seeds: [1, 2, 3] },
  '/api/datasets/{name}/shards': archiveOf(fileURLToPath(new URL('../../../examples/water-hot', import.meta.url))),
};

function archiveOf(folder: string): Uint8Array {
  return zipSync(Object.fromEntries(readdirSync(folder).map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))])));
}

let harness: ApiHarness;
let server: RunningServer;
let token: string;
const home = mkdtempSync(join(tmpdir(), 'narrows-openapi-'));
before(async () => {
  harness = await startWorkerHarness();
  token = (await createToken(harness.db, { name: 'client', role: 'admin', expiresAt: null })).token;
  bodies['/api/session'] = { token };
  server = await startServer({
    servers: {
      databaseUrl: harness.databaseUrl,
      temporal: { address: harness.dependencies.temporalServer.address },
      namespace: 'default',
    },
    temporalUrl: 'http://127.0.0.1:8233',
    home,
    host: '127.0.0.1',
    port: 0,
    needTokens: true,
    pages: harness.dependencies.pages,
    log: (error) => void harness.logged.push(error),
  });
  const sweep = await startSweep('finished', 8);
  while ((await findSweep(harness.db.sql, sweep)).state === 'running') await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal((await findSweep(harness.db.sql, sweep)).state, 'completed');
  const [trial] = await harness.db
    .sql`select t.id from trials t join models m on m.trial_id = t.id where t.sweep_id = ${sweep} and t.k = 2 limit 1`;
  const [field] = await harness.db.sql`select name from fields where sweep_id = ${sweep} limit 1`;
  const [dataset] = await harness.db.sql`select name, version from dataset_versions`;
  Object.assign(parameters, {
    sweep,
    sweeps: sweep,
    trial: trial?.id,
    column: 'validation',
    operation: 'predict',
    version: dataset?.version,
  });
  for (const path of ['{version}', 'shards']) parameters[`/api/datasets/{name}/${path} name`] = dataset?.name;
  await plantRetrainings(sweep);
  parameters['/api/sweeps/{sweep}/fields/{name} name'] = field?.name;
});
after(async () => {
  await server.close();
  rmSync(home, { recursive: true, force: true });
  await harness[Symbol.asyncDispose]();
  assert.deepEqual(harness.logged, []);
});

/** A retraining with a history, and one with a schedule for actions. */
async function plantRetrainings(sweepId: string): Promise<void> {
  const { db, dependencies: parts } = harness;
  const sweep = await findSweep(db.sql, sweepId);
  const { name, runs } = await seedRetraining(db.sql, sweep, { grow: false });
  const promoted = (await listCurrentChampions(db.sql, name)).find(({ origin }) => origin === 'promotion');
  Object.assign(parameters, { retraining: name, run: runs.promoted, champion: String(promoted?.id) });
  const checked = await checkSpec(storageOf(db), sweep.spec, 1);
  await startRetraining({ db, temporal: parts.temporal }, { name: 'scheduled', checked, options: SCHEDULED, adopt: sweepId });
  for (const act of ['run', 'pause', 'resume']) parameters[`/api/retrainings/{retraining}/${act} retraining`] = 'scheduled';
}

async function startSweep(name: string, epochs: number): Promise<string> {
  const response = await fetch(`${server.url}/api/sweeps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'idempotency-key': name },
    body: JSON.stringify({ spec: spec(name, epochs) }),
  });
  assert.equal(response.status, 201, await response.clone().text());
  return ((await response.json()) as { sweeps: { sweepId: string }[] }).sweeps[0]?.sweepId as string;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).addSchema({ $id: 'document', ...document });

/** Returns the validator of a response; null if it is undocumented. */
function schemaOf({ method, path }: Call, status: number, type: string): ValidateFunction | null {
  const responses = document.paths?.[path]?.[method]?.responses ?? {};
  const key = String(status) in responses ? String(status) : 'default';
  const steps = ['paths', path, method, 'responses', key, 'content', type, 'schema'];
  const pointer = steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
  const content = (responses[key] as { content?: Record<string, unknown> } | undefined)?.content;
  return content?.[type] ? ajv.compile({ $ref: `document#/${pointer}` }) : null;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

/** A long sweep for actions, started after the read routes were tested, which it would change. */
async function startSteered(): Promise<void> {
  const running = await startSweep('running', 200_000);
  for (const act of ORDER) parameters[`/api/sweeps/{sweep}/${act} sweep`] = running;
}

describe('a client generated from /openapi.json calls every route', { concurrency: false }, () => {
  for (const call of calls) {
    const { method, path } = call;
    test(`${method} ${path}`, async () => {
      if (path === `/api/sweeps/{sweep}/${ORDER[0]}`) await startSteered();
      const api = new OpenAPIClientAxios({ definition: document, axiosConfigDefaults: { baseURL: server.url } });
      const client = await api.init();
      const asked = ((document.paths?.[path]?.[method]?.parameters ?? []) as Parameter[]).filter(({ required }) => required);
      const given = asked.map(({ name }) => {
        const value = parameters[`${path} ${name}`] ?? parameters[name];
        assert.ok(value !== undefined, `no value is known for the parameter ${name}`);
        return { name, value, in: 'query' as const };
      });
      const headers = {
        authorization: `Bearer ${token}`,
        ...(/sweeps$|extend$/.test(path) && method === 'post' && { 'idempotency-key': `by a client of ${path}` }),
        ...(method === 'post' && { 'content-type': bodies[path] instanceof Uint8Array ? 'application/zip' : 'application/json' }),
      };
      const values = Object.fromEntries(given.map(({ name, value }) => [name, value]));
      const run = client[operationId(method, path)];
      assert.ok(run, 'it has a name');
      const ask = (more: Record<string, string> = {}) =>
        run(values, method === 'post' ? (bodies[path] ?? {}) : undefined, {
          headers: { ...headers, ...more },
          responseType: path === '/api/events' ? 'stream' : 'arraybuffer',
          validateStatus: () => true,
        });
      const response = await ask();
      const type = String(response.headers['content-type']).split(';')[0] as string;
      const text = type === 'text/event-stream' ? await firstEvent(response.data) : Buffer.from(response.data).toString('utf8');
      assert.ok(response.status >= 200 && response.status < 300, `${response.status} ${text.slice(0, 500)}`);
      const check = schemaOf(call, response.status, type);
      assert.ok(check, `${response.status} ${type} is foreseen`);
      if (type === 'application/json' || type === 'text/event-stream') {
        assert.ok(check(JSON.parse(text)), `${JSON.stringify(check.errors)}\n${text.slice(0, 1000)}`);
      } else assert.ok(Buffer.from(response.data).byteLength > 0);
      const tag = response.headers.etag;
      if (tag !== undefined) assert.equal((await ask({ 'if-none-match': String(tag) })).status, 304, 'not sent twice');
    });
  }
});

describe('undocumented credentials give a documented error', () => {
  for (const call of calls) {
    const { method, path } = call;
    test(`${method} ${path}`, async () => {
      const url = server.url + path.replaceAll(/\{\w+\}/g, 'nothing');
      const response = await fetch(url, { method: method.toUpperCase(), headers: { authorization: 'Bearer nobody' } });
      // Reading the session and signing out need no token.
      if (path === '/api/session' && method !== 'post') return void assert.equal(response.status, 200);
      const type = (response.headers.get('content-type') ?? '').split(';')[0] as string;
      assert.equal(type, 'application/problem+json');
      const check = schemaOf(call, response.status, type);
      assert.ok(check, `${response.status} is foreseen`);
      assert.ok(check(await response.json()), JSON.stringify(check.errors));
    });
  }
});

test('every mounted route is documented', async () => {
  await using alone = await startApiHarness();
  const mounted = createApp(alone.dependencies).routes.filter(({ path, method }) => method !== 'ALL' && path.startsWith('/api/'));
  const known = new Set(calls.map(({ method, path }) => `${method} ${path}`));
  for (const { method, path } of mounted) {
    const name = `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;
    assert.ok(known.has(name), name);
  }
});

/** Returns the first event of a stream, and closes it. */
async function firstEvent(stream: NodeJS.ReadableStream & { destroy(): void }): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    const data = /^data: (.*)\n\n/m.exec(text)?.[1];
    if (data !== undefined) return data;
  }
  throw new Error(`no event in ${text}`);
}
