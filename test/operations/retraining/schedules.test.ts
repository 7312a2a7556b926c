import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findRetraining, saveRetraining } from '../../../db/queries/retraining/retrainings.ts';
import { activateSchedule, createSchedule, describeSchedule, listLostRuns } from '../../../operations/retraining/schedules.ts';
import { SPEC } from '../../db/fixtures.ts';
import { type BareServers, startBareServers } from '../../infra/bare-servers.ts';
import { RETRAIN_OPTIONS } from '../../support/seeded-retraining.ts';
import { until } from '../../support/until.ts';

let servers: BareServers;
before(async () => {
  servers = await startBareServers();
});
after(() => servers?.[Symbol.asyncDispose]());

const retraining = { spec: SPEC, dataset: 'water', target: SPEC.target, options: RETRAIN_OPTIONS };

const create = async (name: string, cron: string) => {
  await saveRetraining(servers.db.sql, { name, ...retraining });
  const schedule = { ...RETRAIN_OPTIONS.schedule, every: null, cron };
  return createSchedule(servers, await findRetraining(servers.db.sql, name), schedule);
};

const refused: readonly [string, RegExp][] = [
  ['tomorrow', /5-7 fields/],
  ['99 3 * * *', /Minute/],
  ['CRON_TZ=Nowhere 0 3 * * *', /time zone Nowhere/],
  ['CRON_TZ=europe/berlin 0 3 * * *', /time zone/],
  ['0 3 30 2 *', /never starts a run/],
  ['0 3 * * * 2020', /never starts a run/],
];
for (const [cron, message] of refused) {
  test(`the cron expression "${cron}" is refused, and no schedule is left`, async () => {
    await assert.rejects(create('refused', cron), { code: 'schedule-invalid', path: 'cron', kind: 'invalid', message });
    assert.equal(await describeSchedule(servers, await findRetraining(servers.db.sql, 'refused')), null);
  });
}

test('a schedule starts nothing before it is activated, when the row of its retraining is committed', async () => {
  await create('waiting', '0 3 * * *');
  const retraining = await findRetraining(servers.db.sql, 'waiting');
  const described = () => describeSchedule(servers, retraining);
  assert.deepEqual([(await described())?.state.paused, (await described())?.info.numActionsTaken], [true, 0]);
  await activateSchedule(servers, retraining, true);
  assert.equal((await described())?.state.paused, false);
  await until(async () => (await described())?.info.numActionsTaken === 1, 'the first run');
});

test('runs that a change to summer time leaves out are found', async () => {
  await create('berlin', 'CRON_TZ=Europe/Berlin 30 2 * * *');
  const lost = await listLostRuns(servers, 'berlin');
  assert.ok(lost.length > 0);
  for (const { times } of lost) assert.deepEqual(times, ['02:30']);
  await create('mondays', 'CRON_TZ=Europe/Berlin 30 2 * * MON');
  assert.deepEqual(await listLostRuns(servers, 'mondays'), []);
  await create('utc', '30 2 * * *');
  assert.deepEqual(await listLostRuns(servers, 'utc'), []);
});
