/**
 * One trial, the interpretation of its sweep, and sweeps beside one another, with a small sweep of
 * water behind them.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import type { TrialDetail } from '../../dashboards/contract/trials.ts';
import { assertAccessible, assertFits, openHarness, SMALL_SPEC, shoot } from './harness.ts';

/**
 * Three widths, so that ranks can be switched; six trials of a kind, so that not all keep their
 * weights.
 */
const TRIALS = SMALL_SPEC.replace('name: small', 'name: trials')
  .replace('k: [1, 2]', 'k: [1, 2, 3]')
  .replace('seeds: 2', 'seeds: 3');
const OTHER = SMALL_SPEC.replace('name: small', 'name: other').replace('target: xes', 'target: xas');

const stand = await openHarness({ specs: [TRIALS, SMALL_SPEC, OTHER] });
const { skip } = stand;
after(() => stand.close());

interface Listed {
  readonly trialId: string;
  readonly k: number;
}

const fromApi = async <T>(path: string): Promise<T> => (await (await fetch(new URL(path, stand.url))).json()) as T;
const bestOf = async (method: string, where = ''): Promise<string> => {
  const { items } = await fromApi<{ items: Listed[] }>(`/api/sweeps/trials/trials?where=method=${method}${where}&limit=1`);
  return (items[0] as Listed).trialId;
};
const figure = (page: Page, name: string | RegExp): Locator => page.getByRole('figure', { name });
const cells = (table: Locator): Promise<string[][]> =>
  table
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((td) => td.textContent ?? '')));
const drawn = (svg: Locator): Promise<string> => svg.evaluate((one) => one.innerHTML);

test('a trial shows what it was, how it learned, what it predicts and what it is made of', { skip }, async (t) => {
  const id = await bestOf('eca');
  const detail = await fromApi<TrialDetail>(`/api/trials/${id}`);
  const { page, measures } = await stand.open(t, `/trials/${id}`);
  await page.getByRole('heading', { level: 1, name: `Trial ${detail.index}: ECA, ranks 1 to 3` }).waitFor();
  await figure(page, 'Known and predicted').waitFor();
  await figure(page, 'Latents').waitFor();
  await figure(page, 'Components').waitFor();
  await figure(page, 'Learning curve').locator('.plot svg').waitFor();
  assert.ok((await measures()).shift < 0.1, `${(await measures()).shift}: what comes finds its room`);
  const facts = await page.getByRole('region', { name: 'Provenance' }).textContent();
  for (const told of [
    detail.host,
    detail.codeVersion,
    detail.configurationHash.slice(0, 12),
    detail.dataset.version.slice(0, 12),
  ])
    assert.ok(facts?.includes(told), `${told} is told`);

  const measured = await cells(page.getByRole('region', { name: 'Covered variance by split and k' }));
  assert.equal(measured.length, 9, 'three splits, three ranks');
  const test3 = detail.figures.find(({ split, k }) => split === 'test' && k === 3)?.coveredVariance as number;
  assert.ok(
    measured.some(([split, k, value]) => split === 'test' && k === '3' && value === String(Number(test3.toPrecision(5)))),
  );

  await figure(page, 'Learning curve').getByRole('button', { name: 'Table' }).click();
  const epochs = await cells(figure(page, 'Learning curve').getByRole('region', { name: 'Learning curve' }));
  assert.equal(epochs.length, 4);
  assert.equal(epochs.filter((row) => row[3] === 'kept').length, 1);

  await figure(page, 'Components').getByRole('button', { name: 'Table' }).click();
  await figure(page, 'Components').getByRole('columnheader', { name: 'component 1 per unit' }).waitFor();
  const [alpha] = await cells(figure(page, 'Components').getByRole('region', { name: 'Components' }));
  const [deviation, coefficient, slope] = [alpha?.[2], alpha?.[3], alpha?.[4]].map(Number) as [number, number, number];
  assert.ok(Math.abs(coefficient / deviation / slope - 1) < 1e-3, `${coefficient} / ${deviation} is ${slope}`);

  await assertAccessible(page);
  await shoot(t, page, 'trial');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'trial');
});

test('rank, structure and axes are switched, and survive a reload', { skip }, async (t) => {
  const { page } = await stand.open(t, `/trials/${await bestOf('eca')}`);
  const spectra = figure(page, 'Known and predicted');
  const overlay = spectra.locator('.plot svg').first();
  await overlay.waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.spectra .plot svg').length === 3);
  const before = await drawn(overlay);
  await page.getByText('k = 1', { exact: true }).click();
  await page.getByText(/covered variance .* at k = 1/).waitFor();
  await page.waitForTimeout(200);
  assert.notEqual(await drawn(overlay), before, 'another rank predicts another spectrum');
  await spectra.getByText('worst', { exact: true }).click();
  await page.getByText(/with the worst residual/).waitFor();
  await figure(page, 'Latents').getByLabel('Colour').selectOption({ label: 'b_long / angstrom' });
  await page.reload();
  await page.getByText(/with the worst residual/).waitFor();
  assert.deepEqual(
    ['k', 'structure', 'colour'].map((name) => new URL(page.url()).searchParams.get(name)),
    ['1', 'worst', '1'],
  );
  await page.getByText('Colour: b_long / angstrom').waitFor();
  assert.equal(await page.getByRole('radio', { name: 'k = 1' }).isChecked(), true);
});

test('the command that reproduces a trial is copied, and its spec is a valid one', { skip }, async (t) => {
  const id = await bestOf('nnca');
  const detail = await fromApi<TrialDetail>(`/api/trials/${id}`);
  const { page, context } = await stand.open(t, `/trials/${id}`);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy the command' }).click();
  await page.getByText('Copied.').waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(command.includes(detail.reproduce.trim()));
  assert.match(command, /\nnarrows sweep start trials-trial-\d+\.yaml\n$/);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the spec' }).click();
  const saved = await readFile(await (await download).path(), 'utf8');
  assert.equal(saved, detail.reproduce);
  const file = join(stand.project.directory, 'again.yaml');
  await writeFile(file, saved);
  const planned = await stand.project.narrows(['sweep', 'start', file, '--dry-run']);
  assert.equal(planned.code, 0, planned.stderr);
});

test('a trial without weights says why, and what remains', { skip }, async (t) => {
  const { items } = await fromApi<{ items: Listed[] }>('/api/sweeps/trials/trials?where=method=ednn&order=asc&limit=1');
  const { trialId } = items[0] as Listed;
  assert.equal((await fromApi<TrialDetail>(`/api/trials/${trialId}`)).hasModel, false, 'the worst of six keeps none');
  const { page } = await stand.open(t, `/trials/${trialId}`);
  await page.getByText(/Its weights were not kept/).waitFor();
  await figure(page, 'Learning curve').waitFor();
  await page.getByRole('heading', { name: 'Reproduce this trial' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Explore latents' }).count(), 0);
  await page.goto(new URL(`/trials/${trialId}/explore`, page.url()).href);
  await page.getByText(/Nothing to explore/).waitFor();
  await assertAccessible(page);
});

test('a trial that is not there says so', { skip }, async (t) => {
  const { page, allow } = await stand.open(t, '/trials/s00000-0');
  allow(/404/);
  await page.getByRole('alert').filter({ hasText: 's00000-0' }).waitFor();
});

test('an interpretation is read method by method, width by width', { skip }, async (t) => {
  const { page } = await stand.open(t, '/sweeps/trials/interpretation');
  await page.getByRole('heading', { name: 'Summary' }).waitFor();
  assert.ok((await page.locator('main li', { hasText: 'goes most closely with' }).count()) >= 3);
  for (const name of ['Latents against descriptors', 'What a latent does to the spectrum', 'Isosurfaces'])
    await figure(page, name).waitFor();
  await page.getByText('EDNN', { exact: true }).first().click();
  await page.getByText('k = 3', { exact: true }).click();
  await figure(page, 'Covered variance by energy, k = 3').waitFor();
  await page.getByText('k = 2', { exact: true }).click();
  await figure(page, 'Covered variance by energy, k = 2').waitFor();
  assert.deepEqual(
    ['method', 'k'].map((name) => new URL(page.url()).searchParams.get(name)),
    ['ednn', '2'],
  );
  assert.equal(await figure(page, 'What the expansion gives back').count(), 0, 'EDNN has none');
  await page.goto(new URL('/sweeps/trials/interpretation?method=nnca&k=1', page.url()).href);
  await figure(page, 'What the expansion gives back').waitFor();
  await figure(page, 'Components on their descriptors').waitFor();
  const verdicts = await cells(page.getByRole('region', { name: 'Agreement between seeds' }));
  assert.equal(verdicts.length, 9);
  await figure(page, 'Covered variance by energy, k = 1').locator('.plot svg').waitFor();
  await assertAccessible(page);
  await shoot(t, page, 'interpretation');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'interpretation');
});

test('a sweep without an interpretation says when it comes, and then how to get it', { skip }, async (t) => {
  const file = join(stand.project.directory, 'long.yaml');
  await writeFile(file, SMALL_SPEC.replace('name: small', 'name: long').replace('epochs: 4', 'epochs: 4000'));
  assert.equal((await stand.project.narrows(['sweep', 'start', file])).code, 0);
  const { page } = await stand.open(t, '/sweeps/long/interpretation');
  await page.getByText(/appears here when the sweep finishes/).waitFor();
  await assertAccessible(page);
  assert.equal((await stand.project.narrows(['sweep', 'cancel', 'long', '--yes'])).code, 0);
  await page.getByText('narrows report long').waitFor({ timeout: 30_000 });
});

test('sweeps are chosen and held beside one another; those that cannot be pooled say why', { skip }, async (t) => {
  const { page } = await stand.open(t, '/compare');
  await page.getByText(/Select sweeps/).waitFor();
  await page.getByLabel('Search by name, dataset or target').fill('trials');
  await page.getByRole('button', { name: 'Add trials' }).click();
  await figure(page, 'Covered variance by width').waitFor();
  await page.getByLabel('Search by name, dataset or target').fill('small');
  await page.getByRole('button', { name: 'Add small' }).click();
  await page.getByText(/their trials are pooled/).waitFor();
  await figure(page, /Differences between methods: all sweeps together/).waitFor();
  assert.ok((await page.getByText(/percentage points/).count()) > 0);
  assert.equal(await figure(page, 'Covered variance by width').locator('svg:not(.icon)').count(), 2);
  await page.getByRole('heading', { name: 'Agreement between sweeps' }).waitFor();
  assert.ok((await cells(page.getByRole('region', { name: 'Agreement between sweeps' }))).length > 0);
  await assertAccessible(page);
  await shoot(t, page, 'compare');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'compare');
  await page.setViewportSize({ width: 1280, height: 800 });

  await page.goto(new URL('/compare?sweeps=trials,other', page.url()).href);
  await page.getByText(/cannot be pooled: .*differ in dataset version, target, split or scaling/).waitFor();
  await page.getByRole('button', { name: 'Remove other' }).click();
  await page.getByText(/cannot be pooled/).waitFor({ state: 'detached' });
  await page.goBack();
  await page.getByText(/cannot be pooled/).waitFor();
});
