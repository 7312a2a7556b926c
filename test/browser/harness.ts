/**
 * What browser tests stand on: Chromium, and a stack of their own with a finished sweep in it. One
 * of each per test file:
 *
 *     const stand = await openStand();
 *     after(() => stand.close());
 *     test('…', { skip: stand.skip }, async (t) => {
 *       const { page } = await stand.open(t, '/');
 *       …
 *     });
 *
 * A page that says an error, or throws one, fails its test; so does a violation of the pages'
 * content security policy, which is said as an error.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type Project, project } from '../support/command.ts';
import { writeThinned } from '../support/thinned-dataset.ts';
import { findChromium } from './chromium.ts';

const BIN = fileURLToPath(new URL('../../bin/narrows.js', import.meta.url));
const WATER = fileURLToPath(new URL('../../examples/water', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** How long anything may take to be seen. The machine may be busy with other tests. */
const PATIENCE_MS = 30_000;

/**
 * A sweep that ends within seconds: all methods, two widths, so that every page has something to
 * show.
 */
export const SMALL_SPEC = `name: small
dataset: water
target: xes
split: { train: 0.7, validation: 0.15, test: 0.15, seed: 1, by: random }
methods: [ednn, eca, nnca]
space:
  k: [1, 2]
  hidden: { choice: [[16], [16, 16]] }
  activation: gelu
  learningRate: 0.02
seeds: 2
sampler: { grid: {} }
training: { epochs: 4, batch: 128 }
`;

export type Theme = 'light' | 'dark';

export interface ViewOptions {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: Theme;
  /** Whatever else the browser is to be set to. */
  readonly context?: BrowserContextOptions;
}

export interface Opened {
  readonly page: Page;
  readonly context: BrowserContext;
  /**
   * Errors whose text or address is like this are none: Chromium says one for every answer that is
   * a refusal.
   */
  readonly allow: (errors: RegExp) => void;
  /**
   * Of the document since it was loaded: the sum of layout shifts that no input caused, and the
   * longest task in ms.
   */
  readonly measures: () => Promise<{ readonly shift: number; readonly longestTask: number }>;
}

export interface BrowserHarness {
  readonly skip: string | false;
  readonly project: Project;
  /** Of the stack's pages. */
  readonly url: string;
  /**
   * A page at a path (or a whole address) in a browser without memory; it is looked after until the
   * test ends.
   */
  readonly open: (t: TestContext, address: string, look?: ViewOptions) => Promise<Opened>;
  /** Starts the sweeps of a spec and waits until they end. */
  readonly sweep: (spec: string) => Promise<void>;
  /**
   * A server of its own beside the stack's, `narrows serve ...`: one that may be stopped, or asks
   * for tokens.
   */
  readonly serve: (args: readonly string[]) => Promise<Served>;
  readonly close: () => Promise<void>;
}

export interface Served {
  readonly url: string;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/**
 * `specs`: swept one after the other before the tests begin. `data`: dataset folders to import, a
 * quarter of their rows.
 */
export async function openHarness({
  specs = [SMALL_SPEC],
  data = [WATER],
}: {
  readonly specs?: readonly string[];
  readonly data?: readonly string[];
} = {}): Promise<BrowserHarness> {
  const found = await findChromium();
  if (found.skip !== false) return skipped(found.skip);
  const it = project();
  let browser: Browser | null = null;
  const servers: Served[] = [];
  const close = async () => {
    await browser?.close();
    for (const server of servers) await server.stop();
    await it[Symbol.asyncDispose]();
  };
  const sweep = async (spec: string) => {
    const file = join(it.directory, 'browser-test.yaml');
    await writeFile(file, spec);
    const { code, stdout, stderr } = await it.narrows(['sweep', 'start', file, '--watch']);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
  };
  try {
    const up = await it.narrows(['up', '--detach']);
    assert.equal(up.code, 0, up.stderr);
    const [launched, { dashboards }] = await Promise.all([
      chromium.launch({ executablePath: found.path, args: ['--no-sandbox'] }),
      it.json<{ dashboards: string | null }>(['status']),
    ]);
    browser = launched;
    assert.ok(dashboards, 'the stack serves the dashboards');
    for (const folder of data) {
      const thinned = join(it.directory, 'data', basename(folder));
      writeThinned(folder, thinned, 4);
      await it.json(['data', 'import', thinned]);
    }
    for (const spec of specs) await sweep(spec);
    const open: BrowserHarness['open'] = (t, address, look) => opened(t, launched, new URL(address, dashboards).href, look);
    const serve: BrowserHarness['serve'] = async (args) => {
      const server = await served(it.directory, args);
      servers.push(server);
      return server;
    };
    return { skip: false, project: it, url: dashboards, open, sweep, serve, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Stands where there is no browser: nothing was started. */
function skipped(skip: string): BrowserHarness {
  const none = () => Promise.reject(new Error(skip));
  return {
    skip,
    get project(): Project {
      throw new Error(skip);
    },
    url: '',
    open: none,
    sweep: none,
    serve: none,
    close: async () => {},
  };
}

async function served(directory: string, args: readonly string[]): Promise<Served> {
  const { NARROWS_DATABASE_URL: _, TEMPORAL_ADDRESS: __, NARROWS_HOME: ___, ...env } = process.env;
  const child = spawn(process.execPath, [BIN, 'serve', ...args], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      const told = /http:\/\/\S+:(\d+)/.exec(String(chunk))?.[1];
      if (told !== undefined) resolve(Number(told));
    });
    void ended.then(() => reject(new Error(`narrows serve ${args.join(' ')} ended: ${said}`)));
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function opened(t: TestContext, browser: Browser, address: string, look: ViewOptions = {}): Promise<Opened> {
  const { width = 1280, height = 800, theme = 'light' } = look;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, ...look.context });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.addInitScript(observe);
  const page = await context.newPage();
  const errors: string[] = [];
  const allowed: RegExp[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  t.after(async () => {
    await context.close();
    const unexpected = errors.filter((error) => !allowed.some((pattern) => pattern.test(error)));
    assert.deepEqual(unexpected, [], 'the page says errors');
  });
  await page.goto(address);
  return {
    page,
    context,
    allow: (pattern) => allowed.push(pattern),
    measures: () => page.evaluate(() => (window as unknown as { measures: { shift: number; longestTask: number } }).measures),
  };
}

/** Runs in the page, before anything else does. */
function observe(): void {
  const measures = { shift: 0, longestTask: 0 };
  Object.assign(window, { measures });
  const each = <T extends PerformanceEntry>(type: string, take: (entry: T) => void) =>
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) take(entry as T);
    }).observe({ type, buffered: true });
  each<PerformanceEntry & { value: number; hadRecentInput: boolean }>('layout-shift', ({ value, hadRecentInput }) => {
    if (!hadRecentInput) measures.shift += value;
  });
  each('longtask', ({ duration }) => {
    measures.longestTask = Math.max(measures.longestTask, duration);
  });
}

/**
 * Fails on whatever axe finds against WCAG 2.2 A and AA, in light and in dark. The page is left in
 * the theme it was in.
 */
export async function assertAccessible(page: Page): Promise<void> {
  const before = await page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
  await page.evaluate(AXE);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const results = await page.evaluate(
      (tags) =>
        (window as unknown as { axe: { run: (options: unknown) => Promise<AxeResults> } }).axe.run({
          runOnly: { type: 'tag', values: tags },
        }),
      AXE_TAGS,
    );
    const told = results.violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary?.replaceAll('\n', '\n  ')}`),
    );
    assert.equal(told.length, 0, `${page.url()} in ${colorScheme}:\n${told.join('\n')}`);
  }
  await page.emulateMedia({ colorScheme: before });
}

/** Fails where the page as a whole is wider than its window. */
export async function assertFits(page: Page): Promise<void> {
  const { over, widest } = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const reaching = [...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > width + 1);
    return {
      over: document.documentElement.scrollWidth - width,
      widest: reaching.slice(0, 5).map((one) => one.outerHTML.slice(0, 120)),
    };
  });
  assert.ok(over <= 0, `${page.url()} is ${over} px wider than its window:\n${widest.join('\n')}`);
}

/**
 * A finger that is put down at a place of the window, moved by so much in steps, and taken up. The
 * context must have touch.
 */
export async function drag(
  context: BrowserContext,
  page: Page,
  [x, y]: readonly [number, number],
  [byX, byY]: readonly [number, number],
): Promise<void> {
  const session = await context.newCDPSession(page);
  const steps = 8;
  const touch = (type: 'touchStart' | 'touchMove', share: number) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x: x + share * byX, y: y + share * byY }] });
  await touch('touchStart', 0);
  for (let step = 1; step <= steps; step++) await touch('touchMove', step / steps);
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await session.detach();
}

/**
 * A picture of the whole page, named by page, theme and width, where NARROWS_SCREENSHOTS names a
 * folder for them.
 */
export async function shoot(t: TestContext, page: Page, name: string): Promise<void> {
  const folder = process.env.NARROWS_SCREENSHOTS;
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  const theme = await page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
  const path = join(folder, `${name}-${theme}-${page.viewportSize()?.width ?? 0}.png`);
  await page.screenshot({ path, fullPage: true });
  t.diagnostic(`picture: ${path}`);
}
