/** The guide to large installations: its commands and queries. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createS3Store } from '../../db/objects/s3.ts';
import { readIdentity } from '../../db/queries/identity.ts';
import { readEnvironment } from '../../infra/env.ts';
import { findTemporalCli } from '../../infra/temporal/cli.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { readSource } from '../house/sources.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { startWorker } from '../infra/worker/start-worker.ts';
import { type Project, project } from '../support/command.ts';
import { writeThinned } from '../support/datasets/thinned.ts';
import { startS3 } from '../support/programs/s3-server.ts';
import { until } from '../support/until.ts';
import { WATER } from '../support/water.ts';

const SPEC = `
name: waiting
dataset: water
target: xes
methods: [eca]
space: { k: [1, 2], hidden: [24], learningRate: 0.02 }
seeds: 2
training: { epochs: 6, batch: 128 }
class: gpu
`;

const GUIDE = readSource('docs/guides/cluster.md');

/** The blocks of the guide that no test has taken yet. */
const untaken = new Set(Array.from(GUIDE.matchAll(/^```(?:sql)?\n([\s\S]*?)^```/gm), ([, block]) => block as string));

/** Takes the blocks of a section. */
function takeBlocks(heading: string): string[] {
  const [, section = ''] = new RegExp(`^#+ ${heading}\n([\\s\\S]*?)(?=^#|(?![\\s\\S]))`, 'm').exec(GUIDE) ?? [];
  const blocks = [...untaken].filter((block) => section.includes(block));
  for (const block of blocks) untaken.delete(block);
  return blocks;
}

let it: Project;
/** Servers whose Postgres holds what the tests need. */
let servers: BareServers;
/** PATH with Temporal's CLI. */
let path: string;
const cleanup = new AsyncDisposableStack();

before(async () => {
  it = cleanup.use(project());
  servers = cleanup.use(await startBareServers());
  const tools = join(it.directory, 'tools');
  mkdirSync(tools);
  symlinkSync((await findTemporalCli(readEnvironment())).path, join(tools, 'temporal'));
  path = `${tools}:${process.env.PATH}`;
  writeThinned(WATER, join(it.directory, 'water'), 4);
  writeFileSync(join(it.directory, 'waiting.yaml'), SPEC);
  await run('narrows data import water && narrows sweep start waiting.yaml');
});
after(() => cleanup.disposeAsync());

/** Runs a block of the guide, with `variables` other than those of the servers. */
async function run(block: string, variables: Record<string, string> = {}): Promise<string> {
  const answer = await it.shell(`set -e\n${block}`, { ...servers.variables, PATH: path, ...variables });
  assert.equal(answer.code, 0, `${block}\n${answer.stdout}${answer.stderr}`);
  return answer.stdout;
}

const showSweep = async (variables: Record<string, string> = {}) =>
  JSON.parse(await run('narrows sweep show waiting --output json', variables)) as SweepStatus;

test('queries of Postgres find tables and connections', async () => {
  for (const heading of ['Rows and bytes', 'Connections']) {
    const [query = '', ...others] = takeBlocks(heading);
    assert.deepEqual(others, []);
    assert.ok((await servers.db.sql.unsafe(query)).length > 0, heading);
  }
});

test('commands of Temporal, of upgrades and of roles run', async () => {
  for (const heading of ['Temporal', 'Upgrades', 'Who may do what']) for (const block of takeBlocks(heading)) await run(block);
});

test('Temporal is lost: a sweep goes on in an empty one; its database is lost: nothing is left of it there', async () => {
  await using fresh = await startBareServers();
  const variables = { TEMPORAL_ADDRESS: fresh.address };
  await until(async () => /nothing works on it/.test((await showSweep(variables)).message ?? ''), 'it has no workflow');
  const [again = '', ...none] = takeBlocks('Temporal is lost');
  assert.deepEqual(none, []);
  await run(again.replace('NAME', 'waiting'), variables);
  {
    const { databaseUrl } = servers;
    await using _ = await startWorker({
      ...{ databaseUrl, address: fresh.address, home: join(it.directory, '.narrows'), trainerClass: 'gpu' },
    });
    await until(async () => (await showSweep(variables)).state === 'completed', 'it completes');
  }

  const count = async () => (await servers.temporal.workflow.count("ExecutionStatus = 'Running'")).count;
  await until(async () => (await count()) === 1, 'the lost Temporal still has its workflow');
  const [end = '', ...others] = takeBlocks('The database is lost');
  assert.deepEqual(others, []);
  await run(end.replace('IDENTITY', (await readIdentity(servers.db.sql)) ?? ''));
  await until(async () => (await count()) === 0, 'it is ended');
});

test('the bucket is lost: an empty one is claimed, and takes what is imported again', async () => {
  const s3 = await startS3({ bucket: 'narrows' });
  cleanup.defer(() => s3.close());
  await run('narrows blobs move s3://narrows --yes', s3.variables);
  const objects = createS3Store(s3.settings({ bucket: 'narrows' }));
  for await (const block of objects.list()) await objects.remove(block.map(({ key }) => key));
  await objects.remove(['installation']);

  const [claim = '', verify = '', data = '', ...others] = takeBlocks('The bucket is lost').flatMap((block) =>
    block.trim().split('\n'),
  );
  assert.deepEqual(others, []);
  const again = data.replace('DIR', 'water');
  await assert.rejects(run(again, s3.variables), /blobs claim/);
  await run(claim, s3.variables);
  await assert.rejects(run(verify, s3.variables), /missing/);
  await run(again, s3.variables);
  await run(verify, s3.variables);
});

test('every block of the guide was run', () => assert.deepEqual([...untaken], []));
