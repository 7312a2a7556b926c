/** Trainers of several classes and engines, which are null engines under other names. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findSweep } from '../../../db/queries/sweeps/sweeps.ts';
import { listTrainers } from '../../../db/queries/trainers.ts';
import type { Engine } from '../../../models/engines/engine.ts';
import { createNullEngine } from '../../../models/engines/null-engine.ts';
import { compareSweeps } from '../../../operations/compare.ts';
import { readSweep } from '../../../operations/sweeps/status.ts';
import { isFinished } from '../../../search/states.ts';
import { warnOfMixedEngines } from '../../../text/engines.ts';
import { type BareServers, startBareServers } from '../../infra/bare-servers.ts';
import { type Installation, install } from '../../infra/worker/installation.ts';
import { until } from '../../support/until.ts';

let servers: BareServers;
let it: Installation;
before(async () => {
  servers = await startBareServers();
  it = await install(servers.address);
});
after(async () => {
  await it?.[Symbol.asyncDispose]();
  await servers?.[Symbol.asyncDispose]();
});

const named = (name: string): Engine => ({ ...createNullEngine(), name });

const ended = (id: string) => until(async () => isFinished((await findSweep(it.db.sql, id)).state), `the end of ${id}`);

/** Returns the completed trials of a sweep by method and engine. */
const trained = async (id: string) => {
  const rows = await it.db.sql<{ method: string; engine: string; trials: number }[]>`
    select method, engine, count(*)::int as trials from trials where sweep_id = ${id} and outcome = 'completed'
    group by method, engine order by method, engine`;
  return rows.map(({ method, engine, trials }) => `${method} ${engine} ${trials}`);
};

const waitingOf = async (id: string) => (await readSweep(it, id)).status.waiting.map(({ class: name, trials }) => [name, trials]);

test('each class trains the sweeps that ask for it; a mixed one waits for the class that is missing', async () => {
  await using _ = await it.work({ role: 'all', engine: named('kernel') });
  const [onCpu, onGpu, mixed] = await Promise.all([
    it.start(4),
    it.start(4, { class: 'gpu' }),
    it.start(3, { methods: ['ednn', 'nnca', 'eca'], class: { ednn: 'gpu', nnca: 'gpu' } }),
  ]);
  await ended(onCpu);
  await until(async () => (await trained(mixed)).length === 1, 'the part of the mixed sweep that has a trainer');
  assert.deepEqual(await trained(onGpu), []);
  assert.deepEqual([await waitingOf(onCpu), await waitingOf(onGpu), await waitingOf(mixed)], [[], [['gpu', 4]], [['gpu', 6]]]);
  assert.deepEqual([...(await listTrainers(it.db.sql))], [{ class: 'cpu', engines: ['kernel'], trainers: 1, slots: 2 }]);

  await using __ = await it.work({ role: 'trainer', trainerClass: 'gpu', engine: named('tfjs') });
  assert.deepEqual([await waitingOf(onGpu), await waitingOf(mixed)], [[], []]);
  await Promise.all([onGpu, mixed].map(ended));
  assert.deepEqual(await trained(onCpu), ['ednn kernel 4']);
  assert.deepEqual(await trained(onGpu), ['ednn tfjs 4']);
  assert.deepEqual(await trained(mixed), ['eca kernel 3', 'ednn tfjs 3', 'nnca tfjs 3']);
  const { rows } = await compareSweeps(it.db, [mixed]);
  assert.deepEqual(
    rows.map(({ method, engines }) => [method, engines]),
    [
      ['ednn', { tfjs: 3 }],
      ['eca', { kernel: 3 }],
      ['nnca', { tfjs: 3 }],
    ],
  );
  assert.deepEqual(warnOfMixedEngines(rows), [], 'no mean is over several engines');
});

/** Engines that begin their first packs only once each has one. */
function inStep(...names: readonly string[]): Engine[] {
  const begun = new Set<string>();
  const all = Promise.withResolvers<void>();
  return names.map((name) => {
    const engine = named(name);
    return {
      ...engine,
      async train(pack, hooks) {
        begun.add(name);
        if (begun.size === names.length) all.resolve();
        await all.promise;
        return engine.train(pack, hooks);
      },
    };
  });
}

test('a comparison over seeds that two engines trained says so; a sweep that names an engine is trained by it alone', async () => {
  const [kernel, tfjs] = inStep('kernel', 'tfjs') as [Engine, Engine];
  await using _ = await it.work({ role: 'all', engine: kernel });
  await using __ = await it.work({ role: 'trainer', engine: tfjs });
  const either = await it.start(6);
  await ended(either);
  const { rows } = await compareSweeps(it.db, [either]);
  const engines = rows[0]?.engines ?? {};
  assert.deepEqual(Object.keys(engines), ['kernel', 'tfjs']);
  assert.equal((engines.kernel ?? 0) + (engines.tfjs ?? 0), 6);
  assert.match(warnOfMixedEngines(rows).join(), /^EDNN, k = 1 mixes engines \(trials: \d by kernel, \d by tfjs\)/);
  const one = await it.start(6, { engine: 'tfjs' });
  await ended(one);
  assert.deepEqual(await trained(one), ['ednn tfjs 6']);
  const pooled = await compareSweeps(it.db, [either, one]);
  assert.equal(pooled.rows[0]?.engines?.tfjs, (engines.tfjs ?? 0) + 6, 'also over several sweeps');
});
