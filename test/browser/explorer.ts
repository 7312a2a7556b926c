/** The latent space explorer: sliders, decoded spectrum and structure, slices and the 3-D view. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chromium, type Locator, type Page } from 'playwright-core';
import { loadModel } from '../../models/stored/model.ts';
import { until } from '../support/until.ts';
import { findChromium } from './chromium.ts';
import { assertAccessible, assertFits, drag, openHarness, SMALL_SPEC, shoot } from './harness.ts';

const harness = openHarness({
  specs: [SMALL_SPEC.replace('name: small', 'name: explored').replace('epochs: 4', 'epochs: 10')],
});
const { skip } = harness;

const request = async (path: string): Promise<Response> => fetch(new URL(path, (await harness.ready()).url));
const fromApi = async <T>(path: string): Promise<T> => (await (await request(path)).json()) as T;

/** Returns the id of the best trial of a method at a width, by validation score. */
async function findBestTrial(method: string, k: number): Promise<string> {
  const { cells } = await fromApi<{ cells: { method: string; k: number; best: string }[] }>(
    '/api/sweeps/explored/interpretation',
  );
  return cells.find((cell) => cell.method === method && cell.k === k)?.best as string;
}

const figure = (page: Page, name: string): Locator => page.getByRole('figure', { name });
const slider = (page: Page, latent: number): Locator =>
  page.getByLabel(`Latent ${latent}`, { exact: false }).and(page.locator('input'));
const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name);
/** Compares up to rounding: the address has six digits of a coordinate, a table five of a value. */
function assertClose(texts: readonly string[], values: ArrayLike<number>): void {
  assert.equal(texts.length, values.length);
  texts.forEach((text, i) => {
    const value = values[i] as number;
    assert.ok(Math.abs(Number(text) - value) < 1e-4 * Math.max(1, Math.abs(value)), `${text} is shown for ${value}`);
  });
}
const displayed = (value: number) => String(Number(value.toPrecision(5)));

/** Returns a column of a figure's table as it is displayed. */
async function readColumn(page: Page, name: string, at: number): Promise<string[]> {
  const shown = figure(page, name);
  const table = shown.getByRole('region', { name, exact: true });
  if ((await table.count()) === 0) await shown.getByRole('button', { name: 'Table' }).click();
  return table
    .locator('tbody tr')
    .evaluateAll((rows, i) => rows.map((row) => row.querySelectorAll('td')[i]?.textContent ?? ''), at);
}

test('moving a slider by keyboard updates the spectrum to the decoded one at once', { skip }, async (t) => {
  const id = await findBestTrial('nnca', 2);
  const { page } = await harness.open(t, `/trials/${id}/explore`);
  await slider(page, 1).waitFor();
  const before = await readColumn(page, 'Decoded spectrum', 1);
  await figure(page, 'Decoded spectrum').getByRole('button', { name: 'Table' }).click();
  await slider(page, 1).focus();
  const frames: number[] = [];
  for (let press = 0; press < 40; press++) {
    await page.keyboard.press('ArrowRight');
    frames.push(
      await page.evaluate(async () => {
        await new Promise(requestAnimationFrame);
        return performance.getEntriesByName('narrows:explore').at(-1)?.duration ?? Number.NaN;
      }),
    );
  }
  const sorted = frames.sort((a, b) => a - b);
  const median = sorted[20] as number;
  // Reported, not asserted: npm run soak:pages checks them against limits.
  t.diagnostic(
    `from a key to the drawn spectrum: median ${median.toFixed(2)} ms, slowest ${(sorted.at(-1) as number).toFixed(2)} ms`,
  );
  const afterPresses = await readColumn(page, 'Decoded spectrum', 1);
  assert.notDeepEqual(afterPresses, before);

  // The address is updated once the slider stops moving.
  const position = Number(await slider(page, 1).inputValue());
  await page.waitForFunction((value) => {
    const [first] = (new URL(location.href).searchParams.get('t') ?? '').split(',');
    return first !== '' && Math.abs(Number(first) - value) < 1e-3;
  }, position);
  const address = parameter(page, 't') as string;
  const t1 = Number(address.split(',')[0]);
  const bytes = new Uint8Array(await (await request(`/api/trials/${id}/model`)).arrayBuffer());
  const model = loadModel(bytes);
  const latents = { rows: 1, columns: 2, data: Float32Array.from(address.split(',').map(Number)) };
  assertClose(afterPresses, model.decode(latents).data);
  assertClose(await readColumn(page, 'Expanded structure', 2), model.expand(latents).data);

  await page.reload();
  await slider(page, 1).waitFor();
  assert.equal(parameter(page, 't'), address);
  assert.ok(Math.abs(Number(await slider(page, 1).inputValue()) - t1) < 1e-4, 'a reload keeps the position');
  await slider(page, 1).press('End');
  await page.waitForFunction((old) => new URL(location.href).searchParams.get('t') !== old, address);
  await assertAccessible(page);
  await shoot(t, page, 'explorer');
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await shoot(t, page, 'explorer');
});

test('dragging a slider by touch updates the spectrum', { skip }, async (t) => {
  const { page, context } = await harness.open(t, `/trials/${await findBestTrial('nnca', 2)}/explore`, {
    width: 390,
    context: { hasTouch: true, isMobile: true },
  });
  const first = slider(page, 1);
  await first.scrollIntoViewIfNeeded();
  const value = async () => Number(await first.inputValue());
  const [before, box] = [await value(), await first.boundingBox()];
  assert.ok(box);
  const [low, high] = await first.evaluate((one: HTMLInputElement) => [Number(one.min), Number(one.max)] as const);
  const thumb = box.x + 8 + ((before - low) / (high - low)) * (box.width - 16);
  await drag(context, page, [thumb, box.y + box.height / 2], [(before - low) / (high - low) > 0.5 ? -80 : 80, 0]);
  await page.waitForFunction(() => new URL(location.href).searchParams.has('t'));
  assert.ok(Math.abs((await value()) - before) > 0.05 * (high - low));
  assert.ok(
    await page.evaluate(() => performance.getEntriesByName('narrows:explore').length > 0),
    'the spectrum was decoded again',
  );
});

test('the molecule is drawn with the displayed angle and bond lengths', { skip }, async (t) => {
  const { page } = await harness.open(t, `/trials/${await findBestTrial('eca', 2)}/explore?k=2`);
  await page.locator('.molecule').waitFor();
  for (const key of ['Home', 'End']) {
    await slider(page, 1).press(key);
    const [angle, long, short] = (await readColumn(page, 'Expanded structure', 2)).map(Number) as [number, number, number];
    const atoms = await page
      .locator('.molecule circle')
      .evaluateAll((circles) =>
        circles.map((circle) => [Number(circle.getAttribute('cx')), Number(circle.getAttribute('cy'))] as const),
      );
    const [middle, one, two] = atoms as [readonly [number, number], readonly [number, number], readonly [number, number]];
    const bond = ([x, y]: readonly [number, number]) => [x - middle[0], y - middle[1]] as const;
    const [a, b] = [bond(one), bond(two)];
    const between = (Math.acos((a[0] * b[0] + a[1] * b[1]) / Math.hypot(...a) / Math.hypot(...b)) * 180) / Math.PI;
    assert.ok(Math.abs(between - angle) < 0.01, `${between} is drawn for ${angle}`);
    assert.ok(Math.abs(Math.hypot(...a) / Math.hypot(...b) - long / short) < 1e-3);
  }
});

test('using a known structure sets its latents and spectrum; another rank has another latent space', { skip }, async (t) => {
  const id = await findBestTrial('eca', 2);
  const { page } = await harness.open(t, `/trials/${id}/explore?k=2`);
  const field = page.getByLabel(/Row of the dataset \(test\)/);
  const row = (await field.getAttribute('placeholder')) as string;
  await field.fill('999999');
  await page.getByRole('button', { name: 'Use its latents' }).click();
  await page.getByText(/is not one of the \d+ test rows/).waitFor();
  await field.fill(row);
  await page.getByRole('button', { name: 'Use its latents' }).click();
  await page.getByText(`known: row ${row}`, { exact: false }).first().waitFor();
  assert.deepEqual([parameter(page, 'row'), parameter(page, 'over')], [row, 'row']);
  const { shown: spectra } = await fromApi<{ shown: { which: string; known: number[]; predicted: number[] }[] }>(
    `/api/trials/${id}/spectra?split=test&k=2&row=${row}`,
  );
  const spectrum = spectra.find(({ which }) => which === 'row');
  assert.deepEqual((await readColumn(page, 'Decoded spectrum', 2)).slice(0, 50), spectrum?.known.slice(0, 50).map(displayed));
  const decoded = (await readColumn(page, 'Decoded spectrum', 1)).map(Number);
  decoded.forEach((value, i) => {
    assert.ok(Math.abs(value - (spectrum?.predicted[i] as number)) < 2e-3, 'its latents decode to the prediction of the trial');
  });
  await page.getByText('k = 1', { exact: true }).click();
  await slider(page, 2).waitFor({ state: 'detached' });
  assert.equal(parameter(page, 'k'), '1');
  await figure(page, 'Isosurfaces').waitFor();
});

test('EDNN, which cannot expand latents, shows the nearest known structure', { skip }, async (t) => {
  const { page } = await harness.open(t, `/trials/${await findBestTrial('ednn', 1)}/explore`);
  await page.getByText(/This is the nearest known one in latent space: row \d+/).waitFor();
  await page.getByText('The thick line marks the structures').waitFor();
  const marked = () => page.locator('.slices path.level').first().getAttribute('d');
  const before = await marked();
  await slider(page, 1).press('ArrowRight');
  await page.waitForFunction((old) => {
    const now = document.querySelector('.slices path.level')?.getAttribute('d');
    return now !== undefined && now !== null && now !== old;
  }, before);
});

test('slices are moved by keyboard and pointer, and survive a reload', { skip }, async (t) => {
  const { page } = await harness.open(t, `/trials/${await findBestTrial('eca', 1)}/explore?k=1`);
  const isosurfaces = figure(page, 'Isosurfaces');
  await isosurfaces.locator('.plot').nth(2).waitFor();
  const cut = isosurfaces.getByLabel('alpha: place of the slice');
  const readout = isosurfaces.locator('.readout strong');
  const [before, value] = [await cut.inputValue(), await readout.textContent()];
  await cut.press('ArrowRight');
  await cut.press('ArrowRight');
  assert.notEqual(await cut.inputValue(), before);
  assert.notEqual(await readout.textContent(), value);
  await page.waitForFunction(() => new URL(location.href).searchParams.has('at'));
  const at = parameter(page, 'at') as string;
  await page.reload();
  await cut.waitFor();
  assert.ok(Math.abs(Number(await cut.inputValue()) - Number(at.split(',')[0])) < 1e-3);
  const panel = isosurfaces.locator('.plot svg').first();
  const frame = await panel.boundingBox();
  assert.ok(frame);
  await panel.click({ position: { x: frame.width * 0.75, y: frame.height * 0.3 } });
  await page.waitForFunction((old) => new URL(location.href).searchParams.get('at') !== old, at);
  await isosurfaces.getByText('sensitivity M', { exact: true }).first().click();
  await page.getByText('how much the spectrum changes at a structure').waitFor();
  await assertAccessible(page);
});

test('without WebGL the 3-D view reports it and the slices stay', { skip }, async (t) => {
  const { page } = await harness.open(t, `/trials/${await findBestTrial('eca', 1)}/explore?k=1`);
  await page.evaluate(() => {
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string, ...rest: unknown[]) {
      return kind.startsWith('webgl') ? null : (getContext as (...args: unknown[]) => unknown).call(this, kind, ...rest);
    } as typeof getContext;
  });
  await page.getByRole('button', { name: 'Show it in space (3-D)' }).click();
  await page.getByText(/This browser has no WebGL/).waitFor();
  assert.equal(await figure(page, 'Isosurfaces').locator('.slices .plot').count(), 3);
  await assertAccessible(page);
});

test('the 3-D view is loaded on demand and rotated by keyboard', { skip }, async (t) => {
  const found = await findChromium();
  // Software WebGL, for a machine without a display.
  const browser = await chromium.launch({
    executablePath: found.path as string,
    args: ['--no-sandbox', '--enable-unsafe-swiftshader'],
  });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(request.url()));
  await page.goto(new URL(`/trials/${await findBestTrial('eca', 1)}/explore?k=1`, (await harness.ready()).url).href);
  const button = page.getByRole('button', { name: 'Show it in space (3-D)' });
  await button.waitFor();
  if (!(await page.evaluate(() => document.createElement('canvas').getContext('webgl2') !== null)))
    return t.skip('this Chromium has no WebGL');
  assert.ok(!fetched.some((url) => url.includes('isosurface-3d')), 'not loaded before it is opened');
  await button.click();
  const view = page.getByRole('application', { name: /in space/ });
  await page.locator('.solid-view[data-state="shown"]').waitFor({ timeout: 30_000 });
  assert.ok(fetched.some((url) => url.includes('isosurface-3d')));
  const picture = () => view.locator('canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const before = await picture();
  await view.press('ArrowLeft');
  const turned = await picture();
  assert.ok(turned !== before, 'rotated');
  await page.getByRole('checkbox').first().uncheck();
  // The change is drawn in the next frame.
  await until(async () => (await picture()) !== turned, 'one level fewer is drawn');
  await assertAccessible(page);
  await shoot(t, page, 'explorer-solid');
});
