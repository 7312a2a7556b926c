/**
 * Servers of a person's own: Temporal, and Postgres behind a pooler in transaction mode. A sweep is
 * trained over the pooler; afterwards users who may only read do so.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { urlFor } from '../db/database.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { startWorker } from '../infra/worker/start-worker.ts';
import { type Answer, type Project, project } from '../support/command.ts';
import { writeThinned } from '../support/datasets/thinned.ts';
import { startPgbouncer, withoutPgbouncer } from '../support/programs/pgbouncer.ts';
import { seedRetraining } from '../support/seeded-retraining.ts';
import { WATER } from '../support/water.ts';

const SPEC = `
name: little
dataset: water
target: xes
methods: [ednn, eca, nnca]
space: { k: [1, 2], hidden: { choice: [[24]] }, learningRate: 0.02 }
seeds: 2
training: { epochs: 6, batch: 128 }
`;

/** A role that an administrator made; roles are the server's, not a database's. */
const VIEWER = `viewer_${process.pid}`;

let it: Project;
let servers: BareServers;
/** URL that commands and the worker use: the pooler's, where there is one. */
let url: string;
const cleanup = new AsyncDisposableStack();

before(async () => {
  it = cleanup.use(project());
  servers = cleanup.use(await startBareServers());
  url = withoutPgbouncer ? servers.databaseUrl : cleanup.use(await startPgbouncer(servers.databaseUrl, 4)).url;
  writeThinned(WATER, join(it.directory, 'water'), 4);
  writeFileSync(join(it.directory, 'spec.yaml'), SPEC);
});
after(() => cleanup.disposeAsync());

/** Runs a command with this URL of the database. */
const runWith = (databaseUrl: string, args: readonly string[]): Promise<Answer> =>
  it.narrows([...args, '--output', 'json'], { variables: { ...servers.variables, NARROWS_DATABASE_URL: databaseUrl } });

test('a sweep is trained over a pooler in transaction mode', async () => {
  const imported = await runWith(url, ['data', 'import', 'water']);
  assert.equal(imported.code, 0, imported.stderr);
  const worker = await startWorker({ databaseUrl: url, address: servers.address, home: join(it.directory, '.narrows') });
  const { code, stdout, stderr } = await runWith(url, ['sweep', 'start', 'spec.yaml', '--watch']);
  await worker[Symbol.asyncDispose]();
  assert.equal(code, 0, stderr);
  const { state, counts } = JSON.parse(stdout) as SweepStatus;
  assert.deepEqual([state, counts.completed, counts.planned], ['completed', counts.planned, counts.planned]);
});

/** Commands that only read; each is run in a folder of the project. */
const READING = [
  ...['data ls', 'data show water', 'data verify water'],
  ...['sweep ls', 'sweep show little', 'sweep plan spec.yaml', 'results little', 'model ls little'],
  ...['compare little', 'report little', 'agreement little little'],
  ...['export little --format csv --out csv', 'export little --format npz --out npz', 'export little --format onnx --out onnx'],
  'predict --sweep little --method ednn --k 1 --input water/X.npy --out predicted.npy',
  ...['champion ls', 'doctor', 'migrate --dry-run'],
];

/** Commands that show addresses of sources, which the role for readers does not see. */
const READING_SOURCES = ['retrain ls', 'retrain show waist'];

const WRITING: readonly (readonly [command: string, right: RegExp])[] = [
  ['data import water --name other', /lacks the right to insert on (blobs|dataset_versions)/],
  ['sweep start spec.yaml --name mine', /lacks the right to insert on sweeps/],
  ['token create --name mine --role read', /lacks the right to insert on api_tokens/],
  ['champion rollback waist --method ednn --k 1', /lacks the right to [a-z ]+ on \w+/],
];

test('users who may only read run the commands that read; the others say which right is missing', async () => {
  const { sql } = servers.db;
  await seedRetraining(sql, await findSweep(sql, 'little'), { grow: false });
  // What the guide says: of the server alone, and of the roles of narrows.
  await sql.unsafe(`
    create role ${VIEWER} login password 'viewer';
    grant usage on schema public to ${VIEWER};
    grant select on all tables in schema public to ${VIEWER}`);
  cleanup.defer(async () => void (await sql.unsafe(`drop owned by ${VIEWER}; drop role ${VIEWER}`)));
  const viewer = new URL(servers.databaseUrl);
  viewer.username = VIEWER;
  viewer.password = 'viewer';
  await sql`update sweeps set state = 'running', finished_at = null where name = 'little'`;
  const reader = urlFor(servers.databaseUrl, 'read');
  for (const [user, commands] of [
    [viewer.href, [...READING, ...READING_SOURCES]],
    [reader, READING],
  ] as const) {
    for (const command of commands) {
      const { code, stderr } = await runWith(user, command.split(' '));
      assert.equal(code, 0, `${command}: ${stderr}`);
    }
  }
  const [row] = await sql`select state from sweeps where name = 'little'`;
  assert.equal(row?.state, 'running', 'readers write nothing');

  const refused = async (command: string, code: string, message: RegExp, user = viewer.href) => {
    const answer = await runWith(user, command.split(' '));
    const { error } = JSON.parse(answer.stderr.trim().split('\n').at(-1) ?? '') as { error: { code: string; message: string } };
    assert.deepEqual([answer.code, error.code], [1, code], `${command}: ${answer.stderr}`);
    assert.match(error.message, message, command);
  };
  await sql`update sweeps set state = 'completed', finished_at = now() where name = 'little'`;
  for (const [command, right] of WRITING) await refused(command, 'right-missing', right);
  for (const command of READING_SOURCES) await refused(command, 'right-missing', /the right to select on retrainings/, reader);
  await sql.unsafe(`alter role ${VIEWER} set default_transaction_read_only = on`);
  assert.equal((await runWith(viewer.href, ['sweep', 'ls'])).code, 0);
  await refused('token create --name mine --role read', 'database-read-only', /takes no writes here/);
});
