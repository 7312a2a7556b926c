/** The guide to backups: its commands, on a Postgres of the machine, while a sweep waits to run. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { startWorker } from '../infra/worker/start-worker.ts';
import { type Project, project } from '../support/command.ts';
import { writeThinned } from '../support/datasets/thinned.ts';
import { startPackagedPostgres, withoutPostgresPackage } from '../support/programs/postgres.ts';
import { until } from '../support/until.ts';
import { WATER } from '../support/water.ts';
import { ROOT } from './guides.ts';

const SPEC = `
dataset: water
target: xes
space: { k: [1, 2], hidden: [24], learningRate: 0.02 }
seeds: 2
training: { epochs: 6, batch: 128 }
`;

/** The guide's blocks of commands. */
const BLOCKS = [...readFileSync(join(ROOT, 'docs/guides/backups.md'), 'utf8').matchAll(/^```\n([\s\S]*?)^```/gm)].map(
  ([, block]) => block as string,
);

let it: Project;
const cleanup = new AsyncDisposableStack();
before(() => {
  it = cleanup.use(project());
  writeThinned(WATER, join(it.directory, 'water'), 4);
  writeFileSync(join(it.directory, 'demo.yaml'), SPEC);
  writeFileSync(join(it.directory, 'waiting.yaml'), `${SPEC}class: gpu\n`);
});
after(() => cleanup.disposeAsync());

/** An installation on one database and one Temporal. */
async function openSite(temporal: BareServers, databaseUrl: string, tools: string) {
  const variables = {
    NARROWS_DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    PATH: `${tools}:${process.env.PATH}`,
  };
  const narrows = async <T>(...args: string[]): Promise<T> => {
    const answer = await it.narrows([...args, '--output', 'json'], { variables });
    assert.equal(answer.code, 0, answer.stderr);
    return JSON.parse(answer.stdout) as T;
  };
  return {
    narrows,
    /** Runs a block of the guide. */
    run: async (block: string | undefined) => {
      const answer = await it.shell(`set -e\n${block}`, variables);
      assert.equal(answer.code, 0, answer.stdout + answer.stderr);
      return answer;
    },
    work: (trainerClass: string) =>
      startWorker({ databaseUrl, address: temporal.address, home: join(it.directory, '.narrows'), trainerClass }),
  };
}

const skip = withoutPostgresPackage;
test('a restored backup has the same comparison; what had not finished can go on', { skip }, async () => {
  const [dump, restore, rehearse, ...others] = BLOCKS;
  assert.deepEqual(others, []);
  let before: unknown;
  {
    await using postgres = await startPackagedPostgres();
    await using temporal = await startBareServers();
    const site = await openSite(temporal, postgres.urlOf('narrows'), postgres.tools);
    await site.run(`createdb --maintenance-db=${postgres.urlOf('postgres')} narrows`);
    await site.narrows('migrate');
    await site.narrows('data', 'import', 'water');
    await using _ = await site.work('cpu');
    await site.narrows('sweep', 'start', 'waiting.yaml', '--name', 'waiting');
    await site.narrows('sweep', 'start', 'demo.yaml', '--name', 'demo', '--watch');
    before = JSON.parse((await site.run(rehearse)).stdout);
    await site.run(dump);
  }

  await using postgres = await startPackagedPostgres();
  await using temporal = await startBareServers();
  const site = await openSite(temporal, postgres.urlOf('narrows'), postgres.tools);
  await site.run(`createdb --maintenance-db=${postgres.urlOf('postgres')} narrows`);
  await site.run(restore);
  assert.deepEqual(JSON.parse((await site.run(rehearse)).stdout), before);

  const show = () => site.narrows<SweepStatus>('sweep', 'show', 'waiting');
  await until(async () => /nothing works on it/.test((await show()).message ?? ''), 'the unfinished sweep is lost');
  await using _ = await site.work('gpu');
  await site.narrows('sweep', 'retry', 'waiting', '--watch');
  const { state, counts } = await show();
  assert.deepEqual([state, counts.completed, counts.failed], ['completed', counts.planned, 0]);
});
