/** The pages of retrainings and champions, on a seeded history of runs and a real schedule. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { createBlobStore } from '../../db/blobs.ts';
import { findRetraining, finishRun, saveRetraining, startRun } from '../../db/queries/retraining/retrainings.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { connect } from '../../infra/connect.ts';
import { readEnvironment } from '../../infra/env.ts';
import { removeRetraining, startRetraining } from '../../operations/retraining/retrainings.ts';
import { readSchedule } from '../../operations/retraining/schedules.ts';
import type { Servers } from '../../operations/servers.ts';
import { checkSpec } from '../../operations/sweeps/check.ts';
import { RETRAIN_OPTIONS, type SeededRetraining, seedRetraining } from '../support/seeded-retraining.ts';
import { assertAccessible, assertFits, openHarness, shoot } from './harness.ts';

const harness = openHarness();
const { skip } = harness;

/** Runs `work` with connections to the harness's servers. */
async function withServers<T>(work: (servers: Servers) => Promise<T>): Promise<T> {
  const { project } = await harness.ready();
  const { db, temporal, close } = await connect(readEnvironment({ HOME: '/' }, project.directory));
  return work({ db, temporal }).finally(close);
}

let seeded: Promise<SeededRetraining> | null = null;
/** Seeds a history of runs, and starts a real schedule. */
const seedHistory = () => {
  seeded ??= withServers(async (servers) => {
    const { db } = servers;
    const sweep = await findSweep(db.sql, 'small');
    const retraining = await seedRetraining(db.sql, sweep);
    await removeRetraining(servers, retraining.name);
    const storage = { db, blobs: createBlobStore(db.sql, null) };
    const checked = await checkSpec(storage, sweep.spec, availableParallelism());
    const options = { ...RETRAIN_OPTIONS, watchDir: null };
    await startRetraining(servers, { name: retraining.name, checked, options, adopt: null });
    return retraining;
  });
  return seeded;
};

const figure = (page: Page, name: string): Locator => page.getByRole('figure', { name });
const rowsOf = (page: Page, name: string) => page.getByRole('region', { name, exact: true }).locator('tbody tr');

test('without retrainings, the pages show how to start one', { skip }, async (t) => {
  const { page } = await harness.open(t, '/retrainings');
  await page.getByText('narrows retrain start sweep.yaml --every 1h --watch-dir incoming', { exact: true }).waitFor();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Champions' }).click();
  await page.getByRole('heading', { name: 'No champions yet' }).waitFor();
  await assertAccessible(page);
});

test('a retraining is listed and shown with its figure, runs, shards and notifications', { skip }, async (t) => {
  const { name, cells } = await seedHistory();
  const { page, measures } = await harness.open(t, '/retrainings', { height: 1000 });
  await page.getByRole('row', { name: /waist.*every 3,?650 d active.*nothing new/ }).waitFor();
  await assertAccessible(page);
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'waist active' }).waitFor();
  const shown = figure(page, 'Champions by data version');
  const marks = shown.locator('a.point');
  await marks.first().waitFor();
  assert.equal(await marks.count(), 3 * cells.length, 'three versions of each method and width');
  assert.equal(await shown.locator('.plot .other').count(), 2 * cells.length, 'the challengers');
  assert.equal(await shown.locator('.plot .drifted.performance').count(), 2, 'one in the panel of each width');
  await rowsOf(page, 'Runs').first().waitFor();
  await rowsOf(page, 'Shards').first().waitFor();
  assert.ok((await measures()).shift < 0.1, `${(await measures()).shift}: loading data shifts nothing`);
  assert.equal(await rowsOf(page, 'Runs').count(), 4);
  await page.getByText('4 of 4 runs (7 without the filter)').waitFor();
  await page.getByLabel('Include runs without new data').check();
  await page.getByText('7 of 7 runs').waitFor();
  assert.match(page.url(), /\?runs=all$/);
  assert.equal(await rowsOf(page, 'Shards').filter({ hasText: 'rejected' }).count(), 1);
  await page.getByText('1 attempt: SMTP: ECONNREFUSED').waitFor();

  await shown.getByRole('button', { name: 'Table' }).click();
  assert.equal(await shown.locator('tbody tr').count(), 3 * cells.length);
  const [download] = await Promise.all([page.waitForEvent('download'), shown.getByRole('button', { name: 'CSV' }).click()]);
  const csv = await readFile(await download.path(), 'utf8');
  assert.match(csv, /^time,data version,rows,drift,method,k,event/);
  assert.equal(csv.trimEnd().split('\r\n').length, 1 + 3 * cells.length);
  await assertAccessible(page);
  await shoot(t, page, 'retraining');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'retraining');

  await marks.first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/champions\/\d+$/);
});

test('a run shows why champions were kept or replaced, in figures and text', { skip }, async (t) => {
  const { name, runs, cells } = await seedHistory();
  const { page } = await harness.open(t, `/retrainings/${name}/runs/${runs.promoted}`);
  await page.getByRole('heading', { level: 1, name: /3 of 6 champions were replaced/ }).waitFor();
  const challenges = figure(page, 'Champions and challengers');
  assert.equal(await challenges.locator('.plot .interval').count(), 3 * cells.length, 'new, old and all rows');
  assert.equal(await challenges.locator('.plot .margin').count(), cells.length);
  assert.equal(await challenges.getByRole('listitem').filter({ hasText: 'replaced, better on the new rows' }).count(), 3);
  const drift = figure(page, 'Drift detection');
  await drift.getByText('The performance has drifted').waitFor();
  assert.equal(await drift.locator('.plot .shifted').count(), 1);
  await drift.getByRole('row', { name: 'performance drop of covered variance 0.04 [0.01, 0.07] 0.01 yes' }).waitFor();
  await page.getByText('7 000', { exact: true }).waitFor();
  await page.getByText('delivered').waitFor();
  assert.equal(await page.getByRole('link', { name: 'small', exact: true }).count(), 1, 'its sweep');
  await assertAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'retrain-run');

  await page.goto(new URL(`/retrainings/${name}/runs/${runs.failed}`, page.url()).href);
  await page.getByText('the trainer was lost').waitFor();
});

test('a schedule is run, paused and resumed; the results appear without a reload', { skip }, async (t) => {
  const { name } = await seedHistory();
  const { page } = await harness.open(t, `/retrainings/${name}?runs=all`);
  const actions = page.locator('.page-head .actions');
  const confirm = (action: string) => page.getByRole('dialog').getByRole('button', { name: action }).click();
  await page.getByText('7 of 7 runs').waitFor();
  await actions.getByRole('button', { name: 'Run now' }).click();
  await assertAccessible(page);
  await confirm('Run');
  await page.getByText('8 of 8 runs').waitFor();
  await rowsOf(page, 'Runs').first().getByText('nothing new').first().waitFor();

  await actions.getByRole('button', { name: 'Pause' }).click();
  await confirm('Pause');
  await page.getByRole('heading', { level: 1, name: 'waist paused' }).waitFor();
  assert.equal(
    (await withServers(async (servers) => readSchedule(servers, await findRetraining(servers.db.sql, name)))).state,
    'paused',
  );
  await actions.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('heading', { level: 1, name: 'waist active' }).waitFor();
});

test('a run in progress is shown; a missing schedule and an unknown retraining are reported', {
  skip,
}, async (t) => {
  const { name } = await seedHistory();
  const { page, allow } = await harness.open(t, `/retrainings/${name}`);
  await rowsOf(page, 'Runs').first().waitFor();
  await withServers(({ db }) => startRun(db.sql, 'now', name));
  const progress = page.getByRole('status').filter({ hasText: 'Run in progress: reading the sources' });
  await progress.waitFor();
  await assertAccessible(page);
  await progress.getByRole('link').click();
  await page.getByRole('heading', { level: 1, name: 'waist: run in progress running' }).waitFor();
  await withServers(async ({ db }) => {
    await finishRun(db.sql, 'now', 'failed-source', 'nobody answers');
    const { spec, dataset, target } = await findSweep(db.sql, 'small');
    await saveRetraining(db.sql, { name: 'lost', spec, dataset, target, options: RETRAIN_OPTIONS });
  });
  await page.getByText('nobody answers').waitFor();

  await page.goto(new URL('/retrainings/lost', page.url()).href);
  await page.getByText('Temporal has no schedule of this name. Run').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Run now' }).getAttribute('aria-disabled'), 'true');
  await page.getByRole('heading', { name: 'No champions yet' }).waitFor();
  await shoot(t, page, 'retraining-lost');
  allow(/status of 404/);
  await page.goto(new URL('/retrainings/nobody', page.url()).href);
  await page.getByRole('alert').filter({ hasText: 'there is no retraining "nobody"' }).waitFor();
});

test('a champion shows its lineage, how to use it, and can be rolled back', { skip }, async (t) => {
  const { cells } = await seedHistory();
  const { page } = await harness.open(t, '/champions');
  await rowsOf(page, 'Current champions').first().waitFor();
  assert.equal(await rowsOf(page, 'Current champions').count(), cells.length);
  await assertAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await rowsOf(page, 'Current champions').filter({ hasText: 'promoted' }).first().getByRole('link', { name: /^k = / }).click();
  await page.getByText(/^narrows predict --champion waist --method \w+ --k \d --input X.npy --out Y.npy$/).waitFor();
  const lineage = figure(page, 'Lineage');
  for (const kind of ['Data', 'Run', 'Sweep', 'Trial', 'Champion'])
    assert.ok((await lineage.getByRole('link', { name: new RegExp(`^${kind}: `) }).count()) > 0, kind);
  assert.equal(await lineage.locator('.node.own').count(), 5, 'its own lineage');
  await lineage.getByRole('link', { name: 'Champion: in use' }).focus();
  assert.match(await page.evaluate(() => document.activeElement?.getAttribute('href') ?? ''), /^\/champions\/\d+$/);
  await assertAccessible(page);
  await shoot(t, page, 'champion');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);

  const before = page.url();
  await page.getByRole('button', { name: 'Roll back' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
  await page.waitForURL((url) => url.href !== before);
  await page.getByText('rolled back to', { exact: false }).first().waitFor();
  assert.equal(
    await page.getByRole('button', { name: 'Roll back' }).getAttribute('aria-disabled'),
    'true',
    'the first champion has no predecessor',
  );
  await page.goto(before);
  await page.getByText('Rolled back at').waitFor();
  await page.getByRole('link', { name: 'Current champion' }).waitFor();
});
