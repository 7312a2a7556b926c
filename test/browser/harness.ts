/**
 * Harness of the browser tests: Chromium and a stack, which the files of this folder share because
 * pages.test.ts runs them in one process.
 *
 *     const harness = openHarness();
 *     test('…', { skip: harness.skip }, async (t) => {
 *       const { page } = await harness.open(t, '/');
 *       …
 *     });
 *
 * A page that logs or throws an error fails its test. So does a violation of the pages' content
 * security policy, which Chromium logs as an error.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { type Project, project } from '../support/command.ts';
import { writeThinned } from '../support/datasets/thinned.ts';
import { findChromium } from './chromium.ts';

const BIN = fileURLToPath(new URL('../../bin/narrows.js', import.meta.url));
const WATER = fileURLToPath(new URL('../../examples/water', import.meta.url));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Time-out of each Playwright action. The machine may be busy with other tests. */
const TIMEOUT_MS = 30_000;

/** A sweep of seconds with all methods and two widths, so that no page is empty. */
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
  /** Further options of the browser context. */
  readonly context?: BrowserContextOptions;
}

export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /**
   * Ignores errors whose text or address matches. Chromium logs an error for every response with an
   * error status.
   */
  readonly allow: (errors: RegExp) => void;
  /**
   * Returns the sum of layout shifts that no input caused and the longest task in ms, both since
   * the document was loaded.
   */
  readonly measures: () => Promise<{ readonly shift: number; readonly longestTask: number }>;
}

/** The stack that the files share. */
export interface BrowserStack {
  readonly project: Project;
  /** Base URL of the stack's pages. */
  readonly url: string;
  /** Runs `work` before the stack is stopped. */
  readonly defer: (work: () => Promise<void>) => void;
}

export interface BrowserHarness {
  readonly skip: string | false;
  /** Resolves when the stack runs and the sweeps of this file have finished. */
  readonly ready: () => Promise<BrowserStack>;
  /**
   * Opens a path (or an absolute URL) in a fresh browser context, which is closed when the test
   * ends.
   */
  readonly open: (t: TestContext, address: string, view?: ViewOptions) => Promise<OpenPage>;
  /** Starts the sweep of a spec and waits until it finishes. */
  readonly sweep: (spec: string) => Promise<void>;
  /**
   * Starts `narrows serve ...` in addition to the stack's server, for tests that stop it or require
   * tokens.
   */
  readonly serve: (args: readonly string[]) => Promise<RunningServer>;
}

export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly stop: () => Promise<void>;
}

interface Shared extends BrowserStack {
  readonly browser: Browser;
  /** Starts the sweep of a spec and waits until it finishes. */
  readonly sweep: (spec: string) => Promise<void>;
}

const found = await findChromium();
const resources = new AsyncDisposableStack();
after(() => resources.disposeAsync());
let shared: Promise<Shared> | null = null;
/** Sweeps of specs that more than one file may need. */
const swept = new Map<string, Promise<void>>();

/**
 * Returns the harness of a file whose tests need the sweeps of `specs`. The first test that uses it
 * starts what is missing.
 */
export function openHarness({ specs = [SMALL_SPEC] }: { readonly specs?: readonly string[] } = {}): BrowserHarness {
  if (found.skip !== false) return skippedHarness(found.skip);
  const ready = async (): Promise<Shared> => {
    shared ??= startShared(found.path);
    const stack = await shared;
    for (const spec of specs) {
      if (!swept.has(spec)) swept.set(spec, stack.sweep(spec));
      await swept.get(spec);
    }
    return stack;
  };
  return {
    skip: false,
    ready,
    async open(t, address, view) {
      const { browser, url } = await ready();
      return openPage(t, browser, new URL(address, url).href, view);
    },
    sweep: async (spec) => (await ready()).sweep(spec),
    async serve(args) {
      const { project: it, defer } = await ready();
      const server = await startServer(it.directory, args);
      defer(server.stop);
      return server;
    },
  };
}

/** Starts Chromium and a stack, and imports a quarter of the rows of the water data. */
async function startShared(executablePath: string): Promise<Shared> {
  const it = resources.use(project());
  const up = await it.narrows(['up', '--detach']);
  assert.equal(up.code, 0, up.stderr);
  const [browser, { dashboards }] = await Promise.all([
    chromium.launch({ executablePath, args: ['--no-sandbox'] }),
    it.json<{ dashboards: string | null }>(['status']),
  ]);
  resources.defer(() => browser.close());
  assert.ok(dashboards, 'the stack serves the dashboards');
  const thinned = join(it.directory, 'data', 'water');
  writeThinned(WATER, thinned, 4);
  await it.json(['data', 'import', thinned]);
  return {
    project: it,
    url: dashboards,
    browser,
    defer: (work) => resources.defer(work),
    async sweep(spec) {
      const file = join(it.directory, 'browser-test.yaml');
      await writeFile(file, spec);
      const { code, stdout, stderr } = await it.narrows(['sweep', 'start', file, '--watch']);
      assert.equal(code, 0, `${stdout}\n${stderr}`);
    },
  };
}

/** Returns a harness for a machine without a browser, where nothing is started. */
function skippedHarness(skip: string): BrowserHarness {
  const none = () => Promise.reject(new Error(skip));
  return { skip, ready: none, open: none, sweep: none, serve: none };
}

async function startServer(directory: string, args: readonly string[]): Promise<RunningServer> {
  const { NARROWS_DATABASE_URL: _, TEMPORAL_ADDRESS: __, NARROWS_HOME: ___, ...env } = process.env;
  const child = spawn(process.execPath, [BIN, 'serve', ...args], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let errorOutput = '';
  child.stderr.on('data', (chunk) => {
    errorOutput += chunk;
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      const printed = /http:\/\/\S+:(\d+)/.exec(String(chunk))?.[1];
      if (printed !== undefined) resolve(Number(printed));
    });
    void ended.then(() => reject(new Error(`narrows serve ${args.join(' ')} ended: ${errorOutput}`)));
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

async function openPage(t: TestContext, browser: Browser, address: string, view: ViewOptions = {}): Promise<OpenPage> {
  const { width = 1280, height = 800, theme = 'light' } = view;
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, ...view.context });
  context.setDefaultTimeout(TIMEOUT_MS);
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
    assert.deepEqual(unexpected, [], 'the page logs no errors');
  });
  await page.goto(address);
  return {
    page,
    context,
    allow: (pattern) => allowed.push(pattern),
    measures: () => page.evaluate(() => (window as unknown as { measures: { shift: number; longestTask: number } }).measures),
  };
}

/** Records layout shifts and long tasks; runs in the page before its own scripts. */
function observe(): void {
  const measures = { shift: 0, longestTask: 0 };
  Object.assign(window, { measures });
  const observeEach = <T extends PerformanceEntry>(type: string, handle: (entry: T) => void) =>
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) handle(entry as T);
    }).observe({ type, buffered: true });
  observeEach<PerformanceEntry & { value: number; hadRecentInput: boolean }>('layout-shift', ({ value, hadRecentInput }) => {
    if (!hadRecentInput) measures.shift += value;
  });
  observeEach('longtask', ({ duration }) => {
    measures.longestTask = Math.max(measures.longestTask, duration);
  });
}

/**
 * Fails on any violation of WCAG 2.2 A and AA that axe finds, in light and in dark theme. Restores
 * the theme of the page afterwards.
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
    const violations = results.violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}\n  ${html}\n  ${failureSummary?.replaceAll('\n', '\n  ')}`),
    );
    assert.equal(violations.length, 0, `${page.url()} in ${colorScheme}:\n${violations.join('\n')}`);
  }
  await page.emulateMedia({ colorScheme: before });
}

/** Fails where the page is wider than its window. */
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
 * Drags a finger from a point of the window by an offset, both in CSS pixels, in eight steps. The
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
 * Saves a screenshot of the whole page, named by page, theme and width, in the folder that
 * NARROWS_SCREENSHOTS names. Does nothing where the variable is not set.
 */
export async function shoot(t: TestContext, page: Page, name: string): Promise<void> {
  const folder = process.env.NARROWS_SCREENSHOTS;
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  const theme = await page.evaluate(() => (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
  const path = join(folder, `${name}-${theme}-${page.viewportSize()?.width ?? 0}.png`);
  await page.screenshot({ path, fullPage: true });
  t.diagnostic(`screenshot: ${path}`);
}
