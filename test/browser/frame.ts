/** The frame of every page: navigation, focus, theme, connection status and sign-in. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { connect } from '../../infra/connect.ts';
import { readEnvironment } from '../../infra/env.ts';
import { createToken } from '../../operations/tokens.ts';
import { assertAccessible, assertFits, openHarness, shoot } from './harness.ts';

const harness = openHarness();
const { skip } = harness;

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
const readTheme = (page: Page) =>
  page.evaluate(() => ({
    chosen: document.documentElement.dataset.theme ?? null,
    page: getComputedStyle(document.body).backgroundColor,
  }));

test('navigating moves the focus to the heading and sets the title; going back restores the scroll position', {
  skip,
}, async (t) => {
  const { page } = await harness.open(t, '/system', { height: 300 });
  await page.getByRole('heading', { name: 'Recent engines' }).waitFor();
  assert.equal(await page.title(), 'System · narrows');
  assert.notEqual(await focused(page), 'System', 'a first load leaves the focus at the top');

  await page.mouse.wheel(0, 180);
  await page.waitForFunction(() => scrollY === 180);
  // Clicked by script: the pointer would have to scroll up to the link first.
  const link = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Datasets' });
  await link.evaluate((one: HTMLAnchorElement) => one.click());
  await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  assert.equal(await focused(page), 'Datasets');
  assert.equal(await page.title(), 'Datasets · narrows');
  assert.equal(await page.evaluate(() => scrollY), 0);
  assert.equal(await page.locator('nav [aria-current=page]').textContent(), 'Datasets');

  await page.goBack();
  await page.getByRole('heading', { name: 'System', level: 1 }).waitFor();
  await page.waitForFunction(() => scrollY === 180);
});

test('the first tab stop skips the navigation', { skip }, async (t) => {
  const { page, allow } = await harness.open(t, '/nowhere');
  // The server says so, too.
  allow(/status of 404/);
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'All sweeps');
});

test('a chosen theme is applied before the first paint and kept until another is chosen', { skip }, async (t) => {
  const { page } = await harness.open(t, '/system', { theme: 'light' });
  const theme = page.getByRole('button', { name: /^Theme/ });
  const light = (await readTheme(page)).page;
  await theme.click();
  assert.deepEqual(await readTheme(page), { chosen: 'light', page: light });
  await theme.click();
  const dark = (await readTheme(page)).page;
  assert.notEqual(dark, light);

  // The page's script is held back: the theme must not wait for it.
  const script = Promise.withResolvers<void>();
  await page.route(/assets\/index-.*\.js/, (route) => script.promise.then(() => route.continue()));
  await page.reload({ waitUntil: 'commit' });
  await page.waitForFunction(() => document.body !== null);
  assert.equal(await page.locator('header').count(), 0);
  await page.waitForFunction(() => getComputedStyle(document.body).margin === '0px');
  assert.deepEqual(await readTheme(page), { chosen: 'dark', page: dark });
  script.resolve();
  await theme.waitFor();
  await theme.click();
  assert.deepEqual(await readTheme(page), { chosen: null, page: light });
});

test('the system page shows the running processes, is accessible and fits a narrow screen', { skip }, async (t) => {
  const { page, measures } = await harness.open(t, '/system');
  await page.getByRole('heading', { name: 'Recent engines' }).waitFor();
  assert.equal(await page.getByText('reachable', { exact: true }).count(), 2);
  await page.getByRole('row', { name: /kernel/ }).waitFor();
  assert.ok((await measures()).shift < 0.05, 'loading data shifts nothing');
  await assertAccessible(page);
  await shoot(t, page, 'system');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'system');
});

test('a page keeps its data while the server is away, reports it, and recovers', { skip }, async (t) => {
  const server = await harness.serve(['--port', '0']);
  const { page, allow } = await harness.open(t, `${server.url}/system`);
  allow(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/);
  const engines = page.getByRole('heading', { name: 'Recent engines' });
  await engines.waitFor();
  await page.locator('.line', { hasText: 'Live' }).waitFor();
  const refused = page.waitForEvent('requestfailed', {
    predicate: (request) => request.url().endsWith('/api/system'),
    timeout: 20_000,
  });
  await server.stop();
  await page.locator('.line', { hasText: 'Reconnecting' }).waitFor();
  const { y } = (await engines.boundingBox()) ?? {};
  await page.getByRole('status').filter({ hasText: 'Data on this page are not updated' }).waitFor();
  // Wait for at least one failed request.
  await refused;
  assert.equal((await engines.boundingBox())?.y, y, 'the notice shifts nothing');
  assert.equal(await page.getByRole('alert').count(), 0);
  await assertAccessible(page);
  await shoot(t, page, 'system-away');

  await harness.serve(['--port', String(server.port)]);
  await page.locator('.line', { hasText: 'Live' }).waitFor();
  assert.match((await page.locator('header [role=status]').textContent()) ?? '', /Live again/);
  await page.waitForResponse((response) => response.url().endsWith('/api/system') && response.ok());
});

test('with tokens required: rejected, expired, signed in, insufficient role, signed out', { skip }, async (t) => {
  const { project } = await harness.ready();
  const { db, close } = await connect(readEnvironment({ HOME: '/' }, project.directory));
  const expiresAt = new Date(Date.now() - 1000);
  const { token: expired } = await createToken(db, { name: 'expired', role: 'admin', expiresAt }).finally(close);
  const create = async (role: string, name = role) =>
    (await project.json<{ token: string }>(['token', 'create', '--name', name, '--role', role])).token;
  const [reader, starter] = [await create('read'), await create('submit')];
  const server = await harness.serve(['--host', '0.0.0.0', '--port', '0']);
  const { page, allow } = await harness.open(t, `${server.url}/datasets`);
  allow(/status of (401|429)/);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('back'), '/datasets');
  const field = page.getByLabel('Token', { exact: true });
  assert.deepEqual([await field.getAttribute('type'), await field.getAttribute('autocomplete')], ['password', 'off']);
  const send = async (token: string) => {
    await field.fill(token);
    await page.keyboard.press('Enter');
  };
  const error = page.getByRole('alert');
  await send('');
  await error.filter({ hasText: 'Enter a token' }).waitFor();
  await send('unknown');
  await error.filter({ hasText: 'not valid' }).waitFor();
  await send(expired);
  await error.filter({ hasText: 'expired' }).waitFor();
  await assertAccessible(page);
  await shoot(t, page, 'sign-in');

  await send(reader);
  await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
  assert.equal(await page.locator('.who').getByText('read (read)').count(), 1);
  await page.locator('.line', { hasText: 'Live' }).waitFor();
  await page.goto(`${server.url}/sweeps/new`);
  // The plan is readable; the start button names the role that starting requires.
  await page.getByRole('heading', { name: 'Valid' }).waitFor();
  const start = page.getByRole('button', { name: /^Start \d+ trials/ });
  await start.waitFor();
  assert.equal(await start.getAttribute('aria-disabled'), 'true');
  assert.match((await start.getAttribute('title')) ?? '', /role “read”; this needs “submit”/);
  await assertAccessible(page);
  await page.goto(server.url);
  assert.equal(await page.getByRole('button', { name: 'New sweep' }).getAttribute('aria-disabled'), 'true');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await send(starter);
  await page.getByRole('link', { name: 'New sweep' }).waitFor();
  assert.equal(await page.locator('.who').getByText('submit (submit)').count(), 1);

  // A session that ends during use: signing in again returns to the same address.
  await page.getByLabel('Search').fill('sma');
  await page.waitForURL(/search=sma/);
  await project.json(['token', 'revoke', 'submit']);
  await page.getByLabel('State').selectOption('completed');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('back'), '/?search=sma&state=completed');
  await send(await create('read', 'again'));
  await page.getByRole('link', { name: 'small', exact: true }).waitFor();
  assert.deepEqual(
    [await page.getByLabel('Search').inputValue(), await page.getByLabel('State').inputValue()],
    ['sma', 'completed'],
  );

  // Too many attempts are rate limited, and the page shows for how long.
  await page.getByRole('button', { name: 'Sign out' }).click();
  await field.waitFor();
  const tooMany = error.filter({ hasText: 'Too many attempts' });
  for (let attempt = 0; attempt < 20 && (await tooMany.count()) === 0; attempt++) {
    const answer = page.waitForResponse(
      (response) => response.url().endsWith('/api/session') && response.request().method() === 'POST',
    );
    await send(`wrong-${attempt}`);
    await answer;
    await error.filter({ hasText: /not valid|Too many/ }).waitFor();
  }
  await tooMany.waitFor();
  await page.getByText(/^Try again in \d+ s\.$/).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Sign in' }).getAttribute('aria-disabled'), 'true');
  await assertAccessible(page);
});
