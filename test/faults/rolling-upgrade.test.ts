/**
 * Replaces the workers of a running sweep by those of a newer build, as a rolling upgrade does:
 * both are alive for a while, then the old ones stop. The sweep must end with the bits of one that
 * was not disturbed.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import type { Versioning } from '../../infra/worker/role.ts';
import type { Engine } from '../../models/engines/engine.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import { isFinished } from '../../search/states.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { becomesCurrent, type Installation, install, type WorkOptions } from '../infra/worker/installation.ts';
import { listBuilds } from '../infra/worker/workflow-builds.ts';
import { until } from '../support/until.ts';
import { readValues } from './stored-values.ts';

const TRIALS = 30;

let servers: BareServers;
let it: Installation;
let undisturbed: string;
before(async () => {
  servers = await startBareServers();
  it = await install(servers.address);
  const pace = createPace();
  pace.allow(Number.POSITIVE_INFINITY);
  await using _ = await it.work({ engine: pace.engine() });
  undisturbed = JSON.stringify(await valuesOf(await it.start(TRIALS)));
});
after(async () => {
  await it?.[Symbol.asyncDispose]();
  await servers?.[Symbol.asyncDispose]();
});

/** Engines that train no more packs in all than the test allows. */
function createPace() {
  let allowed = 0;
  let begun = 0;
  let changed = Promise.withResolvers<void>();
  return {
    allow(packs: number): void {
      allowed = packs;
      changed.resolve();
      changed = Promise.withResolvers();
    },
    engine(): Engine {
      const kernel = createKernelEngine({ threads: 1 });
      const train: Engine['train'] = async (pack, hooks) => {
        const stopped = new Promise<never>((_, reject) => {
          hooks.signal.addEventListener('abort', () => reject(hooks.signal.reason), { once: true });
        });
        while (begun >= allowed) await Promise.race([changed.promise, stopped]);
        begun += 1;
        return kernel.train(pack, hooks);
      };
      return { name: kernel.name, build: kernel.build, threads: kernel.threads, train, close: () => kernel.close() };
    },
  };
}

async function valuesOf(id: string): Promise<unknown[]> {
  await until(async () => isFinished((await findSweep(it.db.sql, id)).state), `the end of ${id}`);
  const { state, message } = await findSweep(it.db.sql, id);
  const values = await readValues(it.db.sql, id);
  return [state, message, ...values.toSorted((a, b) => a.key.localeCompare(b.key)).map(({ key, value }) => `${key}: ${value}`)];
}

const trained = (id: string, count: number) =>
  until(async () => {
    const [row] = await it.db.sql<[{ trained: number }]>`select count(*)::int as trained from trials where sweep_id = ${id}`;
    return row.trained >= count;
  }, `${count} trials`);

const buildsOf = async (id: string) => listBuilds(it.temporal, sweepWorkflowId(await findSweep(it.db.sql, id)));

/** In this order: each takes over from the workers of the one before, which have ended. */
const UPGRADES: {
  readonly name: string;
  readonly versioning?: Versioning;
  readonly from: string;
  readonly to: string;
  /** How many runs of the workflow the builds share. */
  readonly runs: 1 | 2;
}[] = [
  { name: 'of workers without versions', from: '0.1.0+a', to: '0.2.0+b', runs: 1 },
  { name: 'that follows at once', versioning: 'auto-upgrade', from: '0.3.0+c', to: '0.4.0+d', runs: 1 },
  { name: 'pinned to its build', versioning: 'pinned', from: '0.5.0+e', to: '0.6.0+f', runs: 2 },
];

for (const { name, versioning, from, to, runs } of UPGRADES) {
  test(`a sweep ${name} survives a rolling upgrade`, async () => {
    const pace = createPace();
    const work = (build: string, role: NonNullable<WorkOptions['role']>) =>
      it.work({ role, build, ...(versioning && { versioning }), ...(role === 'trainer' && { engine: pace.engine() }) });
    let id: string;
    await using newer = new AsyncDisposableStack();
    {
      await using older = new AsyncDisposableStack();
      older.use(await work(from, 'trainer'));
      older.defer(() => pace.allow(Number.POSITIVE_INFINITY));
      older.use(await work(from, 'orchestrator'));
      id = await it.start(TRIALS);
      pace.allow(6);
      await trained(id, 6);
      newer.use(await work(to, 'orchestrator'));
      newer.use(await work(to, 'trainer'));
      if (versioning) await becomesCurrent(it, to);
      // One by one: the server has time to name the new build before all packs are scheduled.
      const isHandedOver = async () => (await buildsOf(id)).flat().includes(to);
      for (let packs = 7; packs <= 18 || (versioning && !(await isHandedOver())); packs++) {
        pace.allow(packs);
        await trained(id, packs);
      }
    }
    assert.equal(JSON.stringify(await valuesOf(id)), undisturbed);
    assert.deepEqual(await buildsOf(id), runs === 1 ? [[from, to]] : [[from], [to]]);
  });
}
