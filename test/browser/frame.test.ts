/**
 * What every page stands in: navigation, focus, theme, the line to the server, who is signed in.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { connect } from '../../infra/connect.ts';
import { readEnvironment } from '../../infra/env.ts';
import { createToken } from '../../operations/tokens.ts';
import { assertAccessible, assertFits, openHarness, shoot } from './harness.ts';

const stand = await openHarness();
const { skip } = stand;
after(() => stand.close());

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
const themeOf = (page: Page) =>
  page.evaluate(() => ({
    chosen: document.documentElement.dataset.theme ?? null,
    page: getComputedStyle(document.body).backgroundColor,
  }));

test('going somewhere moves the focus to the heading and names the window; the way back leads to the same place', {
  skip,
}, async (t) => {
  const { page } = await stand.open(t, '/system', { height: 300 });
  await page.getByRole('heading', { name: 'Recent engines' }).waitFor();
  assert.equal(await page.title(), 'System · narrows');
  assert.notEqual(await focused(page), 'System', 'a page that is opened is read from its top');

  await page.mouse.wheel(0, 180);
  await page.waitForFunction(() => scrollY === 180);
  // Not by the pointer, which would have to go up to the link first.
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

test('the first stop of the keyboard leads past the navigation', { skip }, async (t) => {
  const { page } = await stand.open(t, '/nowhere');
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to content');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'All sweeps');
});

test('a theme that was chosen is there before the first paint, and until another is chosen', { skip }, async (t) => {
  const { page } = await stand.open(t, '/system', { theme: 'light' });
  const theme = page.getByRole('button', { name: /^Theme/ });
  const light = (await themeOf(page)).page;
  await theme.click();
  assert.deepEqual(await themeOf(page), { chosen: 'light', page: light });
  await theme.click();
  const dark = (await themeOf(page)).page;
  assert.notEqual(dark, light);

  // Once with the page's script kept away: what was chosen does not wait for it.
  const script = Promise.withResolvers<void>();
  await page.route(/assets\/index-.*\.js/, (route) => script.promise.then(() => route.continue()));
  await page.reload({ waitUntil: 'commit' });
  await page.waitForFunction(() => document.body !== null);
  assert.equal(await page.locator('header').count(), 0);
  await page.waitForFunction(() => getComputedStyle(document.body).margin === '0px');
  assert.deepEqual(await themeOf(page), { chosen: 'dark', page: dark });
  script.resolve();
  await theme.waitFor();
  await theme.click();
  assert.deepEqual(await themeOf(page), { chosen: null, page: light });
});

test('the system page tells what runs, to everybody and on a narrow screen', { skip }, async (t) => {
  const { page, measures } = await stand.open(t, '/system');
  await page.getByRole('heading', { name: 'Recent engines' }).waitFor();
  assert.equal(await page.getByText('reachable', { exact: true }).count(), 2);
  await page.getByRole('row', { name: /kernel/ }).waitFor();
  assert.ok((await measures()).shift < 0.05, 'nothing moves when the data come');
  await assertAccessible(page);
  await shoot(t, page, 'system');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'system');
});

test('when the server goes away a page keeps what it shows, says so, and goes on when it is back', { skip }, async (t) => {
  const server = await stand.serve(['--port', '0']);
  const { page, allow } = await stand.open(t, `${server.url}/system`);
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
  // Until it was asked in vain, at least once.
  await refused;
  assert.equal((await engines.boundingBox())?.y, y, 'nothing has moved');
  assert.equal(await page.getByRole('alert').count(), 0);
  await assertAccessible(page);
  await shoot(t, page, 'system-away');

  await stand.serve(['--port', String(server.port)]);
  await page.locator('.line', { hasText: 'Live' }).waitFor();
  assert.match((await page.locator('header [role=status]').textContent()) ?? '', /Live again/);
  await page.waitForResponse((response) => response.url().endsWith('/api/system') && response.ok());
});

test('where tokens are asked for: refused, expired, signed in, too small a role, signed out', { skip }, async (t) => {
  const { project } = stand;
  const { db, close } = await connect(readEnvironment({ HOME: '/' }, project.directory));
  const lapsed = new Date(Date.now() - 1000);
  const { token: expired } = await createToken(db, { name: 'lapsed', role: 'admin', expiresAt: lapsed }).finally(close);
  const create = async (role: string, name = role) =>
    (await project.json<{ token: string }>(['token', 'create', '--name', name, '--role', role])).token;
  const [reader, starter] = [await create('read'), await create('submit')];
  const server = await stand.serve(['--host', '0.0.0.0', '--port', '0']);
  const { page, allow } = await stand.open(t, `${server.url}/datasets`);
  allow(/status of (401|429)/);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('back'), '/datasets');
  const field = page.getByLabel('Token', { exact: true });
  assert.deepEqual([await field.getAttribute('type'), await field.getAttribute('autocomplete')], ['password', 'off']);
  const send = async (token: string) => {
    await field.fill(token);
    await page.keyboard.press('Enter');
  };
  const fault = page.getByRole('alert');
  await send('');
  await fault.filter({ hasText: 'Enter a token' }).waitFor();
  await send('made-up');
  await fault.filter({ hasText: 'not valid' }).waitFor();
  await send(expired);
  await fault.filter({ hasText: 'expired' }).waitFor();
  await assertAccessible(page);
  await shoot(t, page, 'sign-in');

  await send(reader);
  await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
  assert.equal(await page.locator('.who').getByText('read (read)').count(), 1);
  await page.locator('.line', { hasText: 'Live' }).waitFor();
  await page.goto(`${server.url}/sweeps/new`);
  // What it would train may be looked at; the start says what is needed for it.
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

  // A session that ends in the middle of something: the place is kept for whoever signs in again.
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

  // Who tries too often waits, and is told for how long.
  await page.getByRole('button', { name: 'Sign out' }).click();
  await field.waitFor();
  const tooMany = fault.filter({ hasText: 'Too many attempts' });
  for (let attempt = 0; attempt < 20 && (await tooMany.count()) === 0; attempt++) {
    const answer = page.waitForResponse(
      (response) => response.url().endsWith('/api/session') && response.request().method() === 'POST',
    );
    await send(`wrong-${attempt}`);
    await answer;
    await fault.filter({ hasText: /not valid|Too many/ }).waitFor();
  }
  await tooMany.waitFor();
  await page.getByText(/^Try again in \d+ s\.$/).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Sign in' }).getAttribute('aria-disabled'), 'true');
  await assertAccessible(page);
});
