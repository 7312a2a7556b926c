/**
 * Damages what is stored, on disk and in Postgres, before and while a sweep runs. What can be had
 * again is, with the same bits; the rest is named.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, mock, test } from 'node:test';
import { findSweep, type SweepRow } from '../../db/queries/sweeps/sweeps.ts';
import { loadTestRows } from '../../db/queries/sweeps/test-errors.ts';
import { blobCacheFolder } from '../../infra/blob-store.ts';
import { stream } from '../../models/random.ts';
import { verifyStorage } from '../../operations/lifecycle/verify.ts';
import { checkSpec } from '../../operations/sweeps/check.ts';
import { retrySweep, startSweep } from '../../operations/sweeps/start.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { storageOf } from '../db/database.ts';
import { type BareServers, startBareServers } from '../infra/bare-servers.ts';
import { storeShard } from '../infra/worker/installation.ts';
import { startWorker } from '../infra/worker/start-worker.ts';
import { project } from '../support/command.ts';
import { until } from '../support/until.ts';
import { readValues } from './stored-values.ts';

const SEED = 1;

let servers: BareServers;
let folder: string;
const resources = new AsyncDisposableStack();
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'narrows-damaged-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  servers = resources.use(await startBareServers());
  await storeShard(servers.db, folder);
});
after(() => resources.disposeAsync());

const home = () => join(folder, 'home');

/** Starts a sweep of every method, with halving and two partitions. */
async function start(id: string): Promise<void> {
  const { db, temporal } = servers;
  const [spec] = parseSweepSpec({
    ...{ name: id, dataset: 'little', target: 'xes', seeds: 2, split: { repeats: 2 } },
    space: { k: [1, 2], hidden: [16], learningRate: { log: [0.003, 0.03] } },
    sampler: { random: { trials: 10 } },
    halving: { reduction: 2, rungs: 2 },
    training: { epochs: 30, batch: 32 },
  });
  if (!spec) throw new Error('the spec has no target');
  await startSweep({ db, temporal }, await checkSpec(storageOf(db), spec, 1), 'test', id);
}

/** Waits until no workflow works on the sweep. */
async function end(id: string): Promise<SweepRow> {
  await until(async () => (await findSweep(servers.db.sql, id)).state !== 'running', `${id} ends`);
  return findSweep(servers.db.sql, id);
}

const work = () => startWorker({ ...servers, home: home() });

const valuesOf = async (id: string) =>
  Object.fromEntries((await readValues(servers.db.sql, id)).map(({ key, value }) => [key, value] as const));

const { uniform } = stream(SEED, 'damage');

/** Changes one byte, or cuts the end off. */
function damage(bytes: Buffer): Buffer {
  if (uniform() < 0.3) return bytes.subarray(0, Math.floor(bytes.length * uniform()));
  const at = Math.floor(uniform() * bytes.length);
  bytes[at] = (bytes[at] as number) ^ 0x10;
  return bytes;
}

/** Makes Postgres damage half of the checkpoints as they are written. */
async function damageCheckpoints(): Promise<AsyncDisposable & { count(): Promise<number> }> {
  const { sql } = servers.db;
  await sql.unsafe(`
    create sequence damaged;
    create function damage_checkpoint() returns trigger language plpgsql as $$ begin
      if abs(hashtext(new.trial_id)) % 4 = 0 then
        new.bytes := substring(new.bytes for octet_length(new.bytes) / 2);
        perform nextval('damaged');
      elsif abs(hashtext(new.trial_id)) % 4 = 1 then
        new.bytes := set_byte(new.bytes, octet_length(new.bytes) / 2, 255 - get_byte(new.bytes, octet_length(new.bytes) / 2));
        perform nextval('damaged');
      end if;
      return new;
    end $$;
    create trigger damage before insert or update on checkpoints for each row execute function damage_checkpoint()`);
  return {
    count: async () => (await sql<[{ count: number }]>`select last_value::int as count from damaged`)[0].count,
    [Symbol.asyncDispose]: async () => void (await sql.unsafe('drop function damage_checkpoint cascade; drop sequence damaged')),
  };
}

test('damaged checkpoints and cached arrays cost time only; a damaged array ends the sweep until it is imported again', async () => {
  const { db, temporal } = servers;
  {
    await using _ = await work();
    await start('sundisturbed');
    assert.equal((await end('sundisturbed')).state, 'completed');
  }
  const expected = await valuesOf('sundisturbed');
  const cache = blobCacheFolder(home());
  const cached = readdirSync(cache);
  assert.ok(cached.length >= 2);

  for (const name of cached) writeFileSync(join(cache, name), damage(readFileSync(join(cache, name))));
  {
    const notes: string[] = [];
    const write = mock.method(process.stderr, 'write', (text: string) => notes.push(text) > 0);
    await using damaged = await damageCheckpoints();
    await using _ = await work();
    await start('sdisturbed');
    const { state } = await end('sdisturbed');
    write.mock.restore();
    assert.equal(state, 'completed');
    assert.deepEqual(await valuesOf('sdisturbed'), expected);
    assert.ok((await damaged.count()) >= 3);
    const lines = cached.map((name) => `the copy ${join(cache, name)} is damaged, and is read from the database again\n`);
    // The SDK's own, of a worker that has no workflows.
    const own = notes
      .filter((note) => !note.includes('No workflows registered'))
      .map((note) => note.replace(/^\S+ \[WARN\] /, ''));
    assert.deepEqual(own.toSorted(), lines.toSorted(), 'a line for each copy, and nothing else');
  }

  await start('sdamaged');
  rmSync(cache, { recursive: true });
  await db.sql`update blob_parts set bytes = set_byte(bytes, 100, 255 - get_byte(bytes, 100))`;
  await using _ = await work();
  const failed = await end('sdamaged');
  assert.equal(failed.state, 'failed');
  assert.match(
    failed.message ?? '',
    /the stored array [0-9a-f]{64} is damaged.*of little@[0-9a-f]{12}; needed by the unfinished sdamaged; import the folder/,
  );
  const { events } = await temporal.workflow.getHandle(sweepWorkflowId(failed)).fetchHistory();
  const attempts = events?.flatMap(({ activityTaskStartedEventAttributes }) => activityTaskStartedEventAttributes?.attempt ?? []);
  assert.deepEqual(new Set(attempts), new Set([1]), 'no attempt was repeated');
  const { findings } = await verifyStorage(storageOf(db), [], { signal: new AbortController().signal });
  assert.deepEqual(new Set(findings.map(({ subject }) => subject.split(' ')[0])), new Set(['array']));
  await storeShard(db, folder);
  await retrySweep({ db, temporal }, failed, false);
  await until(async () => (await findSweep(db.sql, 'sdamaged')).state !== 'failed', 'it is begun again');
  assert.equal((await end('sdamaged')).state, 'completed');
  assert.deepEqual(await valuesOf('sdamaged'), expected);
});

/** Damages of rows: statements with the id of a trial, and what verification then says of it. */
const DAMAGES: readonly (readonly [string, string, RegExp])[] = [
  [
    'ednn',
    'update test_errors set errors = substring(errors for octet_length(errors) - 2) where trial_id = $1',
    /errors of test rows at k = \d are missing or have another length|does not follow/,
  ],
  [
    'ednn',
    'update test_errors set errors = set_byte(errors, 7, 200) where trial_id = $1',
    /its test score at k = \d does not follow from its errors/,
  ],
  [
    'ednn',
    "update covered_variances set covered_variance = covered_variance - 0.01 where trial_id = $1 and split = 'test'",
    /its test score at k = \d does not follow/,
  ],
  [
    'ednn',
    "update covered_variances set covered_variance = covered_variance - 0.01 where trial_id = $1 and split = 'validation'",
    /its scores are not complete, or not those of its row/,
  ],
  ['eca', "delete from covered_variances where trial_id = $1 and split = 'train' and k = 1", /its scores are not complete/],
  [
    'nnca',
    'update latents set bytes = set_byte(bytes, 9, 255 - get_byte(bytes, 9)) where trial_id = $1',
    /its latents of (train|validation|test) do not match their hash/,
  ],
  ['nnca', "delete from latents where trial_id = $1 and split = 'train'", /it has latents of some splits only/],
  [
    'nnca',
    'update components set coefficients[1] = coefficients[1] + 0.5 where trial_id = $1',
    /its components are incomplete, or no directions/,
  ],
  ['eca', 'delete from components where trial_id = $1 and component = 2', /its components are incomplete/],
  ['ednn', 'update learning_curves set train = train[:3] where trial_id = $1', /its learning curve is missing or incomplete/],
  [
    'ednn',
    'update rung_scores set validation = validation + 0.01 where trial_id = $1',
    /its score at rung 1 is [\d.e-]+, and its learning curve has/,
  ],
  ['eca', 'delete from rung_scores where trial_id = $1', /its score of a rung that it passed is missing/],
  ['nnca', 'update trials set seed = seed + 1000 where id = $1', /its row is not that of the plan/],
  [
    'nnca',
    "update trials set configuration = jsonb_set(configuration, '{learningRate}', '0.5') where id = $1",
    /its row is not that of the plan/,
  ],
];

test('verification names every damaged row, and nothing else', async () => {
  const { db } = servers;
  const verify = async (...sweeps: string[]) => verifyStorage(storageOf(db), sweeps, { signal: new AbortController().signal });
  const intact = await verify();
  assert.deepEqual(intact.findings, []);
  const { planned } = await findSweep(db.sql, 'sundisturbed');
  assert.deepEqual([intact.sweeps, intact.trials], [3, 3 * planned]);

  const completed = await db.sql<{ id: string; method: string }[]>`
    select id, method from trials where sweep_id = 'sdisturbed' and outcome = 'completed' order by index`;
  const expected = new Map<string, RegExp>();
  for (const [method, statement, problem] of DAMAGES) {
    const victim = completed.splice(
      completed.findIndex((trial) => trial.method === method),
      1,
    )[0];
    const { count } = await db.sql.unsafe(statement, [victim?.id ?? '']);
    assert.ok(count > 0, statement);
    expected.set(victim?.id as string, problem);
  }
  const { findings } = await verify('sdisturbed');
  for (const { subject, problem, fix, result } of findings) {
    assert.match(problem, expected.get(subject) ?? /^$/, `${subject}: ${problem}`);
    assert.equal(result, 'failed');
    assert.match(fix, /restore|start its spec again/);
  }
  assert.deepEqual([...new Set(findings.map(({ subject }) => subject))].toSorted(), [...expected.keys()].toSorted());

  const { sql } = db;
  await assert.rejects(sql`update covered_variances set covered_variance = 'NaN'`, { code: '23514' });
  await sql`update models set bytes = set_byte(bytes, 9, 255 - get_byte(bytes, 9)) where sweep_id = 'sundisturbed'`;
  await sql`update fields set bytes = set_byte(bytes, 9, 255 - get_byte(bytes, 9)) where sweep_id = 'sundisturbed'`;
  await sql`update test_rows set spreads = substring(spreads from 9) where sweep_id = 'sundisturbed' and partition = 1`;
  await sql`delete from trials where id = 'sundisturbed-3'`;
  await sql`insert into checkpoints (trial_id, sweep_id, epoch, sha256, bytes)
    values ('sdamaged-1', 'sdamaged', 3, ${'0'.repeat(64)}, 'damaged')`;
  const problems = new Set((await verify('sundisturbed', 'sdamaged')).findings.map(({ problem }) => problem));
  for (const problem of [
    'its weights do not match their hash',
    'the field "sensitivity" of its interpretation does not match its hash',
    'the test rows of partition 1 have arrays of several lengths',
    `${planned - 1} of its ${planned} trials have a result, and 0 wait at a rung`,
    'its checkpoint of epoch 3 does not match its hash',
  ])
    assert.ok(problems.has(problem), problem);
  const values = await valuesOf('sdamaged');
  await sql`delete from trials where id = 'sdamaged-3'`;
  await retrySweep({ db, temporal: servers.temporal }, await findSweep(sql, 'sdamaged'), false);
  await using _ = await work();
  await until(
    async () => (await sql`select from trials where id = 'sdamaged-3' and outcome <> 'rung'`).length > 0,
    'it is trained',
  );
  assert.equal((await end('sdamaged')).state, 'completed');
  assert.deepEqual(await valuesOf('sdamaged'), values);
  await assert.rejects(loadTestRows(sql, ['sundisturbed']), { code: 'test-rows-corrupt' });
});

test('the command fails where something is damaged, with the findings as JSON', async () => {
  await using it = project();
  const verify = (...sweeps: string[]) => it.narrows(['verify', ...sweeps, '--output', 'json'], { variables: servers.variables });
  const found = await verify('sundisturbed');
  assert.equal(found.code, 1, found.stderr);
  assert.equal(JSON.parse(found.stdout).sweeps, 1);
  const warned = await verify('sdamaged');
  assert.equal(warned.code, 0, warned.stderr);
  assert.deepEqual(JSON.parse(warned.stdout).findings, [
    {
      subject: 'sdamaged-1',
      problem: 'its checkpoint of epoch 3 does not match its hash',
      fix: 'nothing to do: the trial begins again, and ends with the same bits',
      result: 'warning',
    },
  ]);
  assert.equal((await verify('none')).code, 3);
});
