/** The list of sweeps, the form that starts one from a spec, and the pages of datasets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { findDatasetVersion } from '../../db/queries/datasets/datasets.ts';
import { createSweep, setSweepState } from '../../db/queries/sweeps/sweeps.ts';
import { connect } from '../../infra/connect.ts';
import { readEnvironment } from '../../infra/env.ts';
import { SPEC } from '../db/fixtures.ts';
import { assertAccessible, assertFits, openHarness, SMALL_SPEC, shoot } from './harness.ts';

const harness = openHarness({ specs: [] });
const { skip } = harness;

const names = (page: Page) => page.locator('.sweeps .what > a').allTextContents();
const rows = (page: Page) => page.locator('.sweeps > ul > li');

test('an empty list shows how to start', { skip }, async (t) => {
  const { page } = await harness.open(t, '/');
  await page.getByRole('heading', { name: 'Use your own data' }).waitFor();
  await page.getByText('narrows demo', { exact: true }).waitFor();
  await assertAccessible(page);
  await shoot(t, page, 'sweeps-none');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
});

test('errors of a spec are marked at their lines; a valid spec is started once by three clicks and listed', {
  skip,
}, async (t) => {
  const { page, allow, measures } = await harness.open(t, '/sweeps/new');
  allow(/api\/plan|ERR_FAILED/);
  const spec = page.getByLabel('Spec (YAML or JSON)');
  await page.getByRole('heading', { name: 'Valid' }).waitFor();
  assert.match(await spec.inputValue(), /^dataset: water$/m, 'the form starts with an example for the imported data');
  assert.ok((await measures()).shift < 0.05, 'loading the example shifts nothing');

  await spec.fill(SMALL_SPEC.replace('seeds: 2', 'sedes: 2').replace('gelu', 'gelly'));
  await page.getByRole('heading', { name: '2 errors in the spec' }).waitFor();
  const marks = page.locator('.spec-editor .marked');
  assert.deepEqual(
    (await marks.allTextContents()).map((text) => Number(text.replace(/\D/g, ''))),
    [9, 11],
  );
  assert.equal(await spec.getAttribute('aria-invalid'), 'true');
  await page.getByText('did you mean "seeds"?').waitFor();
  const start = page.getByRole('button', { name: /^Start/ });
  assert.equal(await start.getAttribute('aria-disabled'), 'true');
  await page.getByRole('button', { name: 'Line 11' }).click();
  const line = await spec.evaluate((field: HTMLTextAreaElement) => field.value.slice(0, field.selectionStart).split('\n').length);
  assert.equal(line, 11);
  await assertAccessible(page);
  await shoot(t, page, 'new-sweep-faults');

  await spec.fill(SMALL_SPEC);
  await page.getByRole('heading', { name: 'Valid' }).waitFor();
  await page.getByText('Samplers', { exact: true }).click();
  await page.getByRole('button', { name: 'Use random' }).waitFor();
  await assertAccessible(page);
  await shoot(t, page, 'new-sweep-samplers');
  await page.getByRole('button', { name: 'Use random' }).click();
  await page.waitForFunction(() => /sampler: \{ random: /.test(document.querySelector('textarea')?.value ?? ''));
  await page.getByRole('button', { name: 'Use grid' }).waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'new-sweep-samplers');
  await page.setViewportSize({ width: 1280, height: 800 });
  await spec.fill(SMALL_SPEC);
  await page.getByRole('button', { name: 'Start 20 trials' }).waitFor();
  await page.getByLabel('Name').fill('first');
  await page.reload();
  await page.getByRole('button', { name: 'Start 20 trials' }).waitFor();
  assert.deepEqual(
    [await spec.inputValue(), await page.getByLabel('Name').inputValue()],
    [SMALL_SPEC, 'first'],
    'the draft is kept',
  );
  await assertAccessible(page);
  await shoot(t, page, 'new-sweep');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'new-sweep');

  await page.waitForFunction(() => !document.querySelector('.verdict [aria-disabled]'));
  // The response is lost: the sweep is started, but the page does not know.
  await page.route('**/api/sweeps', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await start.click();
  await page.getByRole('alert').filter({ hasText: 'The server does not respond' }).waitFor();
  assert.equal(await spec.inputValue(), SMALL_SPEC, 'a failure keeps the text');
  await page.unroute('**/api/sweeps');
  await start.evaluate((button: HTMLButtonElement) => {
    button.click();
    button.click();
  });
  await page.waitForURL(/\/sweeps\/s[a-z2-7]{10}$/);
  await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Sweeps' }).click();
  await rows(page).first().waitFor();
  assert.deepEqual(await names(page), ['first']);
  await page.goto(new URL('/sweeps/new', page.url()).href);
  await page.getByRole('heading', { name: 'Valid' }).waitFor();
  assert.notEqual(await spec.inputValue(), SMALL_SPEC, 'starting a sweep clears the draft');
});

test('the list updates while sweeps run', { skip }, async (t) => {
  const { page } = await harness.open(t, '/');
  await rows(page).filter({ hasText: 'first' }).filter({ hasText: 'completed' }).filter({ hasText: '20 of 20 trials' }).waitFor();
  const started = harness.sweep(SMALL_SPEC.replace('name: small', 'name: second'));
  await rows(page).filter({ hasText: 'second' }).waitFor();
  await started;
  const second = rows(page).filter({ hasText: 'second' });
  await second.getByText('20 of 20 trials completed').waitFor();
  await second.getByText('completed', { exact: true }).waitFor();
  assert.deepEqual(await names(page), ['second', 'first']);
  assert.deepEqual(
    (await second.locator('.best .method').allTextContents()).map((text) => text.trim()),
    ['EDNN', 'ECA', 'NNCA'],
  );
});

test('search and selection are in the address, survive a reload, and lead to a comparison', { skip }, async (t) => {
  const { page } = await harness.open(t, '/');
  await rows(page).first().waitFor();
  await page.getByLabel('Search').fill('sec');
  await page.getByText('1 of 1 sweep (2 without the filter)').waitFor();
  await page.reload();
  await page.getByText('1 of 1 sweep (2 without the filter)').waitFor();
  assert.equal(await page.getByLabel('Search').inputValue(), 'sec');
  assert.deepEqual(await names(page), ['second']);
  await page.getByLabel('State').selectOption('failed');
  await page.getByText('No sweep matches the filter.').waitFor();
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByText('2 of 2 sweeps').waitFor();
  assert.equal(new URL(page.url()).search, '');

  await page.getByRole('checkbox', { name: 'Select first' }).check();
  assert.equal(await page.getByRole('link', { name: /^Compare \d/ }).count(), 0, 'a single sweep cannot be compared');
  await page.getByRole('checkbox', { name: 'Select second' }).check();
  await page.reload();
  assert.ok(await page.getByRole('checkbox', { name: 'Select first' }).isChecked());
  await assertAccessible(page);
  await shoot(t, page, 'sweeps');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'sweeps');
  await page.getByRole('link', { name: 'Compare 2' }).click();
  await page.waitForURL(/\/compare\?sweeps=s\w{10},s\w{10}$/);
});

test('a dataset version shows its contents and its sweeps', { skip }, async (t) => {
  const { page, measures } = await harness.open(t, '/datasets');
  await page.getByRole('rowheader', { name: /water/ }).waitFor();
  await assertAccessible(page);
  await shoot(t, page, 'datasets');
  await page.getByRole('link', { name: /^[0-9a-f]{12}$/ }).click();
  await page.getByRole('heading', { name: 'water', level: 1 }).waitFor();
  await page.getByRole('row', { name: /xes.*121.*513 to 531 eV, 121 points/ }).waitFor();
  await page.getByRole('row', { name: /alpha degree/ }).waitFor();
  await page.getByRole('row', { name: /X.npy [0-9a-f]{64}/ }).waitFor();
  await page.getByRole('link', { name: 'second' }).waitFor();
  assert.ok((await measures()).shift < 0.05, 'loading data shifts nothing');
  await assertAccessible(page);
  await shoot(t, page, 'dataset');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'dataset');
  await page.getByRole('link', { name: 'New sweep' }).click();
  await page.getByRole('heading', { name: 'Valid' }).waitFor();
});

test('a sweep is started from another by keyboard alone', { skip }, async (t) => {
  const { page } = await harness.open(t, '/sweeps/new?from=first');
  await page.getByRole('heading', { name: 'Valid' }).waitFor();
  const press = async (key: string, until: () => Promise<boolean>) => {
    for (let i = 0; i < 40 && !(await until()); i++) await page.keyboard.press(key);
    assert.ok(await until(), `${key} reaches the element`);
  };
  const isAt = (selector: string) => () => page.evaluate((target) => document.activeElement?.matches(target) ?? false, selector);
  await press('Tab', isAt('#name'));
  await page.keyboard.type('third');
  await press('Tab', isAt('#spec'));
  assert.match(await page.getByLabel('Spec (YAML or JSON)').inputValue(), /^dataset: water@[0-9a-f]{12}/m);
  await press('Tab', isAt('.verdict .primary'));
  await page.getByRole('button', { name: 'Start 20 trials' }).waitFor();
  await page.waitForFunction(() => !document.querySelector('.verdict [aria-disabled]'));
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/sweeps\/s[a-z2-7]{10}$/);
  await page.goto(new URL('/?search=third', page.url()).href);
  await rows(page).first().waitFor();
  assert.deepEqual(await names(page), ['third']);
});

test('a long list is paginated, grows at its front without a gap, and keeps its scroll position', {
  skip,
}, async (t) => {
  const { project } = await harness.ready();
  const { db, close } = await connect(readEnvironment({ HOME: '/' }, project.directory));
  t.after(close);
  const { name: dataset, version: datasetVersion } = await findDatasetVersion(db.sql, 'water');
  const seed = async (number: number) => {
    const id = `sseeded${String(number).padStart(3, '0')}`;
    const spec = { ...SPEC, name: `seeded ${number}` };
    const row = {
      id,
      name: spec.name,
      spec,
      dataset,
      datasetVersion,
      target: 'xes',
      planned: 10,
      packSizes: [10],
      codeVersion: '0',
    };
    await createSweep(db.sql, row);
    await setSweepState(db.sql, id, 'cancelled');
  };
  for (let number = 1; number <= 60; number++) await seed(number);
  const numbers = async (page: Page) => (await names(page)).map((name) => Number(name.replace('seeded ', '')));
  const descending = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, i) => from - i);

  const { page, measures } = await harness.open(t, '/?search=seeded');
  await page.getByText(/^50 of 60 sweeps \(\d+ without the filter\)$/).waitFor();
  assert.deepEqual(await numbers(page), descending(60, 11));
  await page.getByRole('button', { name: 'Show more', exact: true }).click();
  await page.getByText(/^60 of 60 sweeps \(/).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Show more', exact: true }).count(), 0);
  await seed(61);
  await page.getByText(/^61 of 61 sweeps \(/).waitFor();
  assert.deepEqual(await numbers(page), descending(61, 1));
  // Reported, not asserted: it depends on the machine as much as on the page.
  t.diagnostic(`longest task: ${(await measures()).longestTask} ms`);

  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  const scrolled = await page.evaluate(() => scrollY);
  await page.getByRole('link', { name: 'System' }).evaluate((one: HTMLAnchorElement) => one.click());
  await page.getByRole('heading', { name: 'System', level: 1 }).waitFor();
  await page.goBack();
  await page.getByText(/^61 of 61 sweeps \(/).waitFor();
  await page.waitForFunction((before) => Math.abs(scrollY - before) < 2, scrolled);
});
