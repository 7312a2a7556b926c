/** Sweeps that share trainers, on servers with fairness and without: packs are counted. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { listTrainers } from '../../../db/queries/trainers.ts';
import { readEnvironment } from '../../../infra/env.ts';
import { findTemporalCli } from '../../../infra/temporal/cli.ts';
import { readSweep } from '../../../operations/sweeps/status.ts';
import { isFinished } from '../../../search/states.ts';
import { until } from '../../support/until.ts';
import { startBareServers } from '../bare-servers.ts';
import { type Installation, install } from './installation.ts';

/** Longer than it takes to schedule the next pack, so that trainers are what is short. */
const PACK_SECONDS = 0.1;
/** Longer still, as shares are counted. */
const SHARED_PACK_SECONDS = 0.4;

/** The server of the embedded stack, and one as others may run it. */
const SERVERS = {
  'with fairness': async () => {
    const servers = await startBareServers();
    return { address: servers.address, stop: async () => servers[Symbol.asyncDispose]() };
  },
  'without fairness': async () => {
    const { path } = await findTemporalCli(readEnvironment(), { onDownload: () => {} });
    const extraArgs = ['enableFairness', 'autoEnableV2', 'useNewMatcher'].flatMap((key) => [
      '--dynamic-config-value',
      `matching.${key}=false`,
    ]);
    const environment = await TestWorkflowEnvironment.createLocal({
      server: { executable: { type: 'existing-path', path }, extraArgs },
    });
    return { address: environment.address, stop: () => environment.teardown() };
  },
};

for (const [name, start] of Object.entries(SERVERS)) {
  describe(name, () => {
    // A queue that is first in, first out divides by what waits in it, which depends on the load.
    const [least, most] = name === 'with fairness' ? [2.4, 3.6] : [1.5, 8];
    let stop = async () => {};
    let it: Installation;
    before(async () => {
      const server = await start();
      stop = server.stop;
      it = await install(server.address);
    });
    after(async () => {
      await it?.[Symbol.asyncDispose]();
      await stop();
    });

    const trained = async (id: string) => {
      const [row] = await it.db.sql<[{ trained: number }]>`select count(*)::int as trained from trials where sweep_id = ${id}`;
      return row.trained;
    };
    const ended = (id: string) => until(async () => isFinished((await findSweep(it.db.sql, id)).state), `the end of ${id}`);

    /** Counts the packs of a sweep that ended before the last one of another, since that began. */
    const trainedMeanwhile = async (id: string, other: string) => {
      const [row] = await it.db.sql<[{ packs: number }]>`
        select count(*)::int as packs from trials t, sweeps s
        where t.sweep_id = ${id} and s.id = ${other} and t.finished_at >= s.started_at
          and t.finished_at <= (select max(finished_at) from trials where sweep_id = ${other})`;
      return row.packs;
    };

    test('a sweep of 10 packs ends before one of 1,000 that came first has done 40 more', async (t) => {
      const large = await it.start(1000);
      await using _ = await it.work({ secondsPerPack: PACK_SECONDS });
      await until(async () => (await trained(large)) >= 20, 'the large one trains');
      const small = await it.start(10);
      await ended(small);
      const packs = await trainedMeanwhile(large, small);
      t.diagnostic(`${packs} packs`);
      assert.ok(packs < 40, `${packs} packs`);
      await it.temporal.workflow.getHandle(await workflowOf(large)).cancel();
      await ended(large);
    });

    test('weights of 1 to 3 are shares of 1 to 3', async (t) => {
      const light = await it.start(80);
      const heavy = await it.start(80, { weight: 3 });
      await using _ = await it.work({ secondsPerPack: SHARED_PACK_SECONDS });
      await ended(heavy);
      // Without its first and last packs, while it has fewer in the queue.
      const [row] = await it.db.sql<[{ packs: number; others: number }]>`
        with heavy as (select finished_at as at, rank() over (order by finished_at) as n from trials where sweep_id = ${heavy}),
             span as (select min(at) as start, max(at) as finish, count(*) as packs from heavy where n > 20 and n <= 65)
        select s.packs::int as packs, count(*)::int as others from trials t, span s
        where t.sweep_id = ${light} and t.finished_at > s.start and t.finished_at <= s.finish group by s.packs`;
      const ratio = row.packs / row.others;
      t.diagnostic(`1 to ${ratio.toFixed(2)}`);
      assert.ok(ratio >= least && ratio <= most, `${row.packs} packs, ${row.others} of the other sweep`);
      await ended(light);
      const { status } = await readSweep(it, heavy);
      assert.deepEqual([status.weight, status.priority], [3, 3]);
    });

    const testPriorities = name === 'with fairness' ? test : test.skip;
    testPriorities('a sweep of the first priority goes before others', async (t) => {
      const first = await it.start(200);
      await using _ = await it.work({ secondsPerPack: PACK_SECONDS });
      await until(async () => (await trained(first)) >= 10, 'the other one trains');
      const urgent = await it.start(30, { priority: 1 });
      await ended(urgent);
      const packs = await trainedMeanwhile(first, urgent);
      t.diagnostic(`${packs} packs, 30 of the first priority`);
      assert.ok(packs < 15, `${packs} packs`);
      await it.temporal.workflow.getHandle(await workflowOf(first)).cancel();
      await ended(first);
    });

    test('a trainer is known while it works', async () => {
      const atWork = async () => [...(await listTrainers(it.db.sql))];
      assert.deepEqual(await atWork(), []);
      {
        await using _ = await it.work({ role: 'trainer' });
        assert.deepEqual(await atWork(), [{ class: 'cpu', engines: [], trainers: 1, slots: 2 }]);
      }
      assert.deepEqual(await atWork(), []);
    });

    const workflowOf = async (id: string) => {
      const { identity } = await findSweep(it.db.sql, id);
      return `sweep-${id}-${identity}`;
    };
  });
}
