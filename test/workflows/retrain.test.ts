/** Retrainings: first champions, no new rows, drift, bad shards, failing sources, notifications. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { zipSync } from 'fflate';
import { promoteChallengers } from '../../activities/retrain/conclude.ts';
import { ingestShards } from '../../activities/retrain/ingest-shards.ts';
import { mail } from '../../activities/retrain/messengers/mail.ts';
import { webhook } from '../../activities/retrain/messengers/webhook.ts';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { listChampionHistory, listCurrentChampions } from '../../db/queries/retraining/champions.ts';
import { listEvents, listEventsOfRun, listMessagesOfRun } from '../../db/queries/retraining/notifications.ts';
import { findRun, listRuns, listShards, saveRetraining, startRun, updateRun } from '../../db/queries/retraining/retrainings.ts';
import { findSweep, findSweepsById } from '../../db/queries/sweeps/sweeps.ts';
import { rollBackChampion } from '../../operations/retraining/champions.ts';
import { signWebhook } from '../../operations/retraining/webhook-body.ts';
import { createSettler } from '../../operations/settle.ts';
import { readTraining } from '../../operations/sweeps/status.ts';
import { workflowOfRun } from '../../workflows/retrain-input.ts';
import { sweepWorkflowId } from '../../workflows/sweep-input.ts';
import { startMailServer, startWebhookReceiver } from '../support/receiver.ts';
import { type ShardOptions, writeShard } from '../support/shards.ts';
import { until } from '../support/until.ts';
import { OPTIONS, type RetrainHarness, SPEC, startRetrainHarness } from './retrain-harness.ts';

let stand: RetrainHarness;
before(async () => {
  stand = await startRetrainHarness();
});
after(() => stand[Symbol.asyncDispose]());

const champions = async (name: string) =>
  (await listCurrentChampions(stand.db.sql, name)).map(({ method, trialId }) => `${method} ${trialId}`);
const newest = async () => (await findDatasetVersion(stand.db.sql, 'little')).version;
const kinds = async (runId: string) => (await listEventsOfRun(stand.db.sql, runId)).map(({ kind }) => kind);
let runs = 0;
/** The first step alone, of a run of its own. */
async function taken(name: string) {
  const run = { name, runId: `${name}-${++runs}` };
  const { next, tell } = await ingestShards(stand.ports, run);
  return { next, tell, events: [...(await listEventsOfRun(stand.db.sql, run.runId))] };
}

describe('a generation after the other', { concurrency: false }, () => {
  before(() => stand.plant('life', { watchDir: stand.incoming }));

  test('the first run trains the whole sweep and registers the best of each method and width', async () => {
    await using hook = await startWebhookReceiver();
    hook.answers.push(500, 503);
    stand.messengers.push(webhook({ url: hook.url, secret: 'shared' }));
    const run = await stand.fire('life');
    assert.equal(run.outcome, 'first', run.message ?? '');
    assert.equal((await champions('life')).length, 2);
    const sweep = await findSweep(stand.db.sql, run.sweepIds?.[0] as string);
    assert.deepEqual([sweep.state, sweep.name], ['completed', `life-retrain-${run.toVersion?.slice(0, 8)}-whole`]);

    // Delivered by its own workflow, as one message after two refusals.
    await until(
      async () => (await listMessagesOfRun(stand.db.sql, run.id))[0]?.state === 'delivered',
      'the message is delivered',
    );
    const [message, ...others] = await listMessagesOfRun(stand.db.sql, run.id);
    assert.deepEqual([message?.attempts, others.length, hook.received.length], [3, 0, 3]);
    const [event] = await listEventsOfRun(stand.db.sql, run.id);
    assert.deepEqual(new Set(hook.received.map(({ headers }) => headers['narrows-event'])), new Set([event?.id]));
    const { headers, body } = hook.received[2] as (typeof hook.received)[number];
    const [, timestamp, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['narrows-signature'])) ?? [];
    assert.equal(signature, signWebhook('shared', Number(timestamp), body));
    assert.ok(Math.abs(Date.now() / 1000 - Number(timestamp)) < 60);
    const told = JSON.parse(body) as { kind: string; text: string; link: string; champions: unknown[] };
    assert.deepEqual(
      [told.kind, told.link, told.champions.length],
      ['first', `https://narrows.example/retrainings/life/runs/${encodeURIComponent(run.id)}`, 2],
    );
    assert.match(told.text, /^life: the first champions are in use\n2 champions/);
    stand.messengers.length = 0;
  });

  test('nothing new: one step, one row, no message', async () => {
    const before = await champions('life');
    await stand.fire('life');
    const run = await stand.fire('life');
    assert.deepEqual(await stand.stepsOf('life'), ['takeIn'], 'nothing is planned or trained');
    assert.equal(run.outcome, 'nothing-new');
    assert.deepEqual([await kinds(run.id), run.sweepIds, run.drift], [[], null, null]);
    assert.deepEqual(await champions('life'), before);
  });

  test('a receiver that is down delays nothing, and gets its message when it is back', async () => {
    let down = true;
    const received: string[] = [];
    stand.messengers.push({
      channel: 'webhook',
      async send({ kind }) {
        if (down) throw new Error('nobody is there');
        received.push(kind);
      },
    });
    await stand.plant('unheard');
    const run = await stand.fire('unheard');
    assert.equal(run.outcome, 'first');
    await until(async () => ((await listMessagesOfRun(stand.db.sql, run.id))[0]?.attempts ?? 0) > 0, 'an attempt');
    const [message] = await listMessagesOfRun(stand.db.sql, run.id);
    assert.deepEqual([message?.state, message?.lastError], ['pending', 'nobody is there']);
    down = false;
    await until(async () => (await listMessagesOfRun(stand.db.sql, run.id))[0]?.state === 'delivered', 'it is delivered');
    assert.deepEqual(received, ['first']);
    stand.messengers.length = 0;
  });

  test('a drifted generation promotes the winning challengers once, with one message', async () => {
    await using post = await startMailServer();
    stand.messengers.push(mail({ url: post.url, from: 'narrows@example.org', to: ['a@example.org', 'b@example.org'] }));
    const before = await champions('life');
    writeShard(join(stand.incoming, 'hot'), { seed: 2, spread: 1.7 });
    const run = await stand.fire('life');
    assert.equal(run.outcome, 'promoted', run.message ?? '');
    assert.notEqual(run.drift?.verdict, 'none');
    assert.deepEqual(
      run.drift?.descriptors.map(({ name }) => name),
      ['a', 'b', 'c'],
    );
    assert.notEqual(run.toVersion, run.fromVersion);
    const after = await champions('life');
    for (const { method, promoted, challengerTrial, fresh, old, both } of run.challenges ?? []) {
      assert.ok(fresh && old && both && both.rows === fresh.rows + old.rows);
      assert.equal(after.includes(`${method} ${challengerTrial}`), promoted);
      assert.equal(promoted, !before.some((one) => after.includes(one) && one.startsWith(method)));
    }
    const nnca = run.challenges?.find(({ method }) => method === 'nnca');
    assert.equal(nnca?.continuity?.components.length, 1);
    assert.deepEqual(await kinds(run.id), ['promoted']);
    await until(() => post.mails.length > 0, 'the mail is delivered');
    const [event] = await listEventsOfRun(stand.db.sql, run.id);
    assert.deepEqual(post.mails[0]?.to, ['a@example.org', 'b@example.org']);
    assert.match(post.mails[0]?.text ?? '', new RegExp(`Message-ID: <${event?.id}@narrows>`, 'i'));
    assert.match(post.mails[0]?.text ?? '', /Subject: life: \d of 2 champions w/);
    stand.messengers.length = 0;

    const again = await stand.fire('life');
    assert.equal(again.outcome, 'nothing-new');
    assert.deepEqual(await champions('life'), after);
  });

  test('a roll-back restores the previous champion, which a run without new rows keeps', async () => {
    await using hook = await startWebhookReceiver();
    stand.messengers.push(webhook({ url: hook.url, secret: 'shared' }));
    const promoted = (await listCurrentChampions(stand.db.sql, 'life')).find(({ origin }) => origin === 'promotion');
    assert.ok(promoted);
    const row = await rollBackChampion({ db: stand.db, temporal: stand.environment.client }, 'life', promoted.method, promoted.k);
    assert.deepEqual([row.origin, row.method], ['rollback', promoted.method]);
    assert.notEqual(row.trialId, promoted.trialId);
    await until(() => hook.received.length > 0, 'the roll-back is told');
    assert.equal((JSON.parse(hook.received[0]?.body ?? '{}') as { kind: string }).kind, 'rollback');
    stand.messengers.length = 0;
    assert.equal((await stand.fire('life')).outcome, 'nothing-new');
    assert.ok((await champions('life')).includes(`${row.method} ${row.trialId}`));
  });

  test('a challenge against a replaced champion promotes nothing', async () => {
    const [current] = await listCurrentChampions(stand.db.sql, 'life');
    const past = (await listChampionHistory(stand.db.sql, 'life')).find(({ until: ended }) => ended !== null);
    assert.ok(current && past);
    const run = { name: 'life', runId: 'life-stale' };
    await startRun(stand.db.sql, run.runId, 'life');
    const record = { ...current, championId: past.id, championTrial: past.trialId, challengerTrial: past.trialId };
    const challenge = {
      method: record.method,
      k: record.k,
      fresh: null,
      old: null,
      both: null,
      promoted: true,
      reason: 'better',
      continuity: null,
    };
    await updateRun(stand.db.sql, run.runId, {
      toVersion: past.datasetVersion,
      challenges: [{ ...challenge, championId: past.id, championTrial: past.trialId, challengerTrial: past.trialId }],
    });
    const before = await champions('life');
    await promoteChallengers(stand.ports, run);
    await promoteChallengers(stand.ports, run);
    const { outcome, challenges } = await findRun(stand.db.sql, run.runId);
    assert.equal(outcome, 'kept');
    assert.match(challenges?.[0]?.reason ?? '', /changed while the challenger was trained/);
    assert.deepEqual(await champions('life'), before);
    assert.deepEqual(await kinds(run.runId), ['kept']);
  });

  test('rows without drift train nothing where drift is required', async () => {
    await stand.plant('calm', { onlyOnDrift: true, watchDir: join(stand.root, 'calm') });
    cpSync(stand.incoming, join(stand.root, 'calm'), { recursive: true });
    assert.equal((await stand.fire('calm')).outcome, 'first');
    // Rows as the champions know them: half of one generation, half of the other.
    writeShard(join(stand.root, 'calm', 'b1'), { seed: 11, rows: 300 });
    writeShard(join(stand.root, 'calm', 'b2'), { seed: 12, rows: 300, spread: 1.7 });
    const run = await stand.fire('calm');
    assert.deepEqual([run.outcome, run.drift?.verdict, run.sweepIds], ['kept', 'none', null], JSON.stringify(run.drift));
    assert.match(run.message ?? '', /nothing was trained/);
    assert.equal((await stand.fire('calm')).outcome, 'nothing-new');
  });
});

describe('shards that are not taken', { concurrency: false }, () => {
  const bad: [string, ShardOptions, RegExp][] = [
    ['nan', { spoil: { row: 7, column: 1, value: Number.NaN } }, /X\.npy.*NaN/],
    ['columns', { manifest: [['name: b, unit: angstrom', 'name: d, unit: angstrom']] }, /descriptor|column/i],
    ['units', { manifest: [['name: b, unit: angstrom', 'name: b, unit: nm']] }, /descriptor|unit/i],
    ['energies', { energies: 7 }, /energ|column/i],
    ['targets', { manifest: [['targets: { xes', 'targets: { xas']] }, /target/i],
    ['spectra-unit', { manifest: [['unit: arbitrary', 'unit: barn']] }, /unit/i],
    ['rows', { spectra: 399 }, /399/],
    ['empty', { rows: 0 }, /no row/],
    ['manifest', { manifest: [['title: Made up', 'titel: Made up']] }, /titel/],
  ];
  for (const [name, options, message] of bad) {
    test(`${name}: reported once, ingested when corrected`, async () => {
      const watchDir = join(stand.root, `bad-${name}`);
      await stand.plant(`bad-${name}`, { watchDir });
      const before = await newest();
      const folder = writeShard(join(watchDir, 'shard'), { seed: 3, ...options });
      const { events } = await taken(`bad-${name}`);
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ['shard-rejected'],
      );
      assert.match(events[0]?.text ?? '', message);
      assert.equal(await newest(), before);
      // Neither at the next run, nor when somebody touches it.
      assert.deepEqual((await taken(`bad-${name}`)).events, []);
      cpSync(folder, `${folder}.part`, { recursive: true });
      rmSync(folder, { recursive: true });
      cpSync(`${folder}.part`, folder, { recursive: true });
      assert.deepEqual((await taken(`bad-${name}`)).events, []);
      writeShard(folder, { seed: 100 + runs, rows: 30 });
      assert.deepEqual((await taken(`bad-${name}`)).events, []);
      assert.notEqual(await newest(), before);
      assert.deepEqual(
        (await listShards(stand.db.sql, `bad-${name}`)).map(({ outcome }) => outcome),
        ['taken', 'rejected'],
      );
    });
  }

  test('a missing watched folder is reported once, and its return once', async () => {
    const watchDir = join(stand.root, 'late');
    await stand.plant('late', { watchDir });
    const [first] = (await taken('late')).events;
    assert.deepEqual([first?.kind, first?.subject], ['source-failed', watchDir]);
    assert.match(first?.text ?? '', /late cannot be read: ENOENT/);
    assert.deepEqual((await taken('late')).events, []);
    writeShard(join(watchDir, 'a'), { seed: 45, rows: 30 });
    assert.deepEqual(
      (await taken('late')).events.map(({ kind }) => kind),
      ['source-recovered'],
    );
  });

  test('the same shard in two places makes one version', async () => {
    const watchDir = join(stand.root, 'twice');
    await stand.plant('twice', { watchDir });
    writeShard(join(watchDir, 'a'), { seed: 40, rows: 30 });
    await taken('twice');
    const version = await newest();
    cpSync(join(watchDir, 'a'), join(watchDir, 'b'), { recursive: true });
    await taken('twice');
    assert.equal(await newest(), version);
    // A shard with the same rows in other files has no new rows.
    writeShard(join(watchDir, 'c'), { seed: 40, rows: 30, manifest: [['source: a test', 'source: again']] });
    await taken('twice');
    assert.equal(await newest(), version);
    const found = await listShards(stand.db.sql, 'twice');
    assert.deepEqual(
      Object.fromEntries(found.map(({ folder, outcome, message }) => [basename(folder), `${outcome}: ${message}`])),
      {
        a: 'taken: 30 rows are new, 0 were there already',
        b: 'duplicate: the same shard was seen before',
        c: 'duplicate: 0 rows are new, 30 were there already',
      },
    );
  });

  test('a shard stored by an interrupted step is recorded as taken', async () => {
    const watchDir = join(stand.root, 'died');
    await stand.plant('died', { watchDir });
    const folder = writeShard(join(watchDir, 'a'), { seed: 50, rows: 30 });
    const run = { name: 'died', runId: 'died-1' };
    await startRun(stand.db.sql, run.runId, 'died');
    const { version } = await stand.ports.data.append('little', { folder }, { as: folder });
    await ingestShards(stand.ports, run);
    const [shard] = await listShards(stand.db.sql, 'died');
    assert.deepEqual([shard?.outcome, shard?.version], ['taken', version]);
  });

  test('copies left by a dead worker are removed, and none remains', async () => {
    const watchDir = join(stand.root, 'tidy');
    await stand.plant('tidy', { watchDir });
    const left = writeShard(join(stand.ports.scratch, 'shard-dead'), { rows: 3 });
    utimesSync(left, 0, 0);
    writeShard(join(watchDir, 'a'), { seed: 55, rows: 30 });
    await taken('tidy');
    assert.deepEqual(readdirSync(stand.ports.scratch), []);
  });

  test('removed rows fail the run, are reported once, and leave the champions unchanged', async () => {
    await stand.plant('shrinks');
    assert.equal((await stand.fire('shrinks')).outcome, 'first');
    const before = await champions('shrinks');
    await stand.importFolder(writeShard(join(stand.root, 'shrunk'), { seed: 60, rows: 200 }));
    const [first, second] = [await stand.fire('shrinks'), await stand.fire('shrinks')];
    assert.deepEqual([first.outcome, second.outcome], ['failed', 'failed']);
    assert.match(first.message ?? '', /does not continue little@/);
    assert.deepEqual([await kinds(first.id), await kinds(second.id)], [['failed'], []]);
    assert.deepEqual(await champions('shrinks'), before);
  });
});

describe('an archive behind a URL', { concurrency: false }, () => {
  let server: Server;
  let url: string;
  let archive: Uint8Array | null = null;
  before(async () => {
    server = createServer((request, response) => {
      if (archive === null) return response.writeHead(503).end();
      const etag = `"${archive.length}"`;
      if (request.headers['if-none-match'] === etag) return response.writeHead(304).end();
      return response.writeHead(200, { etag }).end(archive);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/little.zip`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const zipOf = (folder: string) =>
    zipSync(Object.fromEntries(readdirSync(folder).map((name) => [`world/${name}`, readFileSync(join(folder, name))])));

  test('an outage is reported at its start and its end, however many runs it lasts', async () => {
    await stand.plant('remote', { url, scope: 'sweep' });
    archive = zipOf(writeShard(join(stand.root, 'remote-1'), { seed: 70, rows: 100 }));
    assert.equal((await stand.fire('remote')).outcome, 'first');
    archive = null;
    const before = await champions('remote');
    for (let hour = 0; hour < 3; hour++) assert.equal((await stand.fire('remote')).outcome, 'failed-source');
    assert.deepEqual(await champions('remote'), before);
    archive = zipOf(writeShard(join(stand.root, 'remote-2'), { seed: 71, rows: 120 }));
    const run = await stand.fire('remote');
    assert.ok(['promoted', 'kept'].includes(run.outcome), run.message ?? '');
    // The neighbourhood of the champions, and the whole sweep again.
    const sweeps = await Promise.all((run.sweepIds ?? []).map((id) => findSweep(stand.db.sql, id)));
    const called = `remote-retrain-${run.toVersion?.slice(0, 8)}`;
    assert.deepEqual(
      sweeps.map(({ name }) => name),
      [called, `${called}-whole`],
    );
    assert.deepEqual(
      sweeps.map(({ state }) => state),
      ['completed', 'completed'],
    );
    assert.equal((await stand.fire('remote')).outcome, 'nothing-new');
    const told = (await listEvents(stand.db.sql, 'remote', 10)).map(({ kind }) => kind).reverse();
    assert.deepEqual(told.slice(0, 3), ['first', 'source-failed', 'source-recovered']);
    assert.equal(told.length, 4);
  });

  test('a file that is not an archive is rejected once', async () => {
    await stand.plant('broken', { url });
    archive = new TextEncoder().encode('<html>welcome</html>');
    assert.deepEqual(
      (await taken('broken')).events.map(({ kind }) => kind),
      ['shard-rejected'],
    );
    assert.deepEqual((await taken('broken')).events, []);
  });
});

test('a run and its sweep that are terminated in Temporal end, and the next run goes on', async () => {
  const { db, environment } = stand;
  const servers = { db, temporal: environment.client };
  const long = { ...SPEC, name: 'long', training: { ...SPEC.training, epochs: 1_000_000 } };
  await saveRetraining(db.sql, { name: 'ended', spec: long, dataset: 'little', target: 'xes', options: OPTIONS });
  const fired = stand.fire('ended');
  let [runId, sweepId] = ['', ''];
  await until(async () => {
    const [run] = await listRuns(db.sql, 'ended', 1);
    [runId, sweepId] = [run?.id ?? '', run?.sweepIds?.[0] ?? ''];
    const [row] = await findSweepsById(db.sql, [sweepId]);
    return row?.state === 'running' && (await readTraining(environment.client, sweepWorkflowId(row))).running > 0;
  }, 'its sweep trains');
  await environment.client.workflow.getHandle(workflowOfRun(runId)).terminate('by hand');
  await fired;
  await until(async () => {
    await createSettler(servers)();
    return (await findSweep(db.sql, sweepId)).state !== 'running';
  }, 'its sweep has ended');
  assert.equal((await findSweep(db.sql, sweepId)).state, 'cancelled');
  const run = await findRun(db.sql, runId);
  assert.deepEqual([run.outcome, run.message], ['failed', 'its workflow in Temporal ended as terminated']);
  assert.deepEqual(await kinds(run.id), ['failed']);

  await db.sql`update retrainings set spec = ${db.sql.json({ ...SPEC, name: 'short' } as never)} where name = 'ended'`;
  const next = await stand.fire('ended');
  assert.equal(next.outcome, 'first', next.message ?? '');
});
