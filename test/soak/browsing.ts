/** Opens a page with an empty cache, on this processor or a slower one, and measures its cost. */
import type { Browser, Page } from 'playwright-core';

/** Main content of a page, without which it is not usable. */
export interface MainContent {
  /** CSS selectors that must match. */
  readonly shown: readonly string[];
  /** Names of performance measures that must exist (`draw parallel`). */
  readonly drawn?: readonly string[];
}

export interface Visit {
  /** Milliseconds from the navigation to the frame that has the main content. */
  readonly useful: number;
  /** Milliseconds of the longest task until the page is idle, and number of tasks above 50 ms. */
  readonly longest: number;
  readonly long: number;
  /** The sum of layout shifts that no input caused. */
  readonly shift: number;
  /** Console warnings and errors, and uncaught exceptions. */
  readonly errors: readonly string[];
}

interface Observations {
  useful: number | null;
  shift: number;
  readonly tasks: number[];
}

const TIMEOUT_MS = 60_000;
/** A page is idle after this time without a request or a long task. */
const IDLE_MS = 700;

/** Runs in the page before its own scripts. */
function observe({ shown, drawn = [] }: MainContent): void {
  const observed: Observations = { useful: null, shift: 0, tasks: [] };
  Object.assign(window, { observed });
  const onEntry = <T extends PerformanceEntry>(type: string, take: (entry: T) => void) =>
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) take(entry as T);
    }).observe({ type, buffered: true });
  onEntry<PerformanceEntry & { value: number; hadRecentInput: boolean }>('layout-shift', ({ value, hadRecentInput }) => {
    if (!hadRecentInput) observed.shift += value;
  });
  onEntry('longtask', ({ duration }) => observed.tasks.push(duration));
  const check = () => {
    const isShown =
      shown.every((selector) => document.querySelector(selector) !== null) &&
      drawn.every((name) => performance.getEntriesByName(name).length > 0);
    if (!isShown) requestAnimationFrame(check);
    // This frame is on the screen when the next task begins.
    else
      requestAnimationFrame(() =>
        setTimeout(() => {
          observed.useful = performance.now();
        }),
      );
  };
  check();
}

const readObservations = (page: Page) => page.evaluate(() => (window as unknown as { observed: Observations }).observed);

/** Opens an address in a new context. `slowdown`: factor by which the processor is throttled. */
export async function visit(
  browser: Browser,
  address: string,
  content: MainContent,
  { slowdown = 1, width = 1400, after }: { slowdown?: number; width?: number; after?: (page: Page) => Promise<void> } = {},
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height: 1000 } });
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    await page.addInitScript(observe, content);
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    await page.goto(address, { waitUntil: 'commit' });
    await page.waitForFunction(() => (window as unknown as { observed: Observations }).observed.useful !== null, null, {
      timeout: TIMEOUT_MS,
      polling: 100,
    });
    await waitUntilIdle(page);
    await after?.(page);
    const { useful: at, shift, tasks } = await readObservations(page);
    return { useful: at as number, longest: Math.max(0, ...tasks), long: tasks.length, shift, errors };
  } finally {
    await context.close();
  }
}

/** Waits until the page is idle. */
async function waitUntilIdle(page: Page): Promise<void> {
  await page.evaluate(async (idleMs) => {
    const amount = () =>
      performance.getEntriesByType('resource').length + (window as unknown as { observed: Observations }).observed.tasks.length;
    let before = -1;
    while (before !== amount()) {
      before = amount();
      await new Promise((resolve) => setTimeout(resolve, idleMs));
    }
  }, IDLE_MS);
}
