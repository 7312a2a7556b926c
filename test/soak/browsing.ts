/**
 * A page as a person meets it: opened in a browser without memory, on this processor or a slower
 * one, and what opening it cost.
 */
import type { Browser, Page } from 'playwright-core';

/** The main content of a page: what must be on the screen before it is of use. */
export interface Useful {
  /** CSS selectors, each of which finds something. */
  readonly shown: readonly string[];
  /** Views that have told that they are drawn (`draw parallel`). */
  readonly drawn?: readonly string[];
}

export interface Visit {
  /** Milliseconds from the navigation to the frame that has the main content. */
  readonly useful: number;
  /** Milliseconds of the longest task until the page rests, and how many took more than 50. */
  readonly longest: number;
  readonly long: number;
  /** The sum of layout shifts that no input caused. */
  readonly shift: number;
  /** What the console was told as warnings and errors, and what was thrown. */
  readonly errors: readonly string[];
}

interface Watched {
  useful: number | null;
  shift: number;
  readonly tasks: number[];
}

const PATIENCE_MS = 60_000;
/** Without a request or a task for so long a page rests. */
const REST_MS = 700;

/** Runs in the page, before anything else does. */
function watch({ shown, drawn = [] }: Useful): void {
  const watched: Watched = { useful: null, shift: 0, tasks: [] };
  Object.assign(window, { watched });
  const each = <T extends PerformanceEntry>(type: string, take: (entry: T) => void) =>
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) take(entry as T);
    }).observe({ type, buffered: true });
  each<PerformanceEntry & { value: number; hadRecentInput: boolean }>('layout-shift', ({ value, hadRecentInput }) => {
    if (!hadRecentInput) watched.shift += value;
  });
  each('longtask', ({ duration }) => watched.tasks.push(duration));
  const look = () => {
    const isThere =
      shown.every((selector) => document.querySelector(selector) !== null) &&
      drawn.every((name) => performance.getEntriesByName(name).length > 0);
    if (!isThere) requestAnimationFrame(look);
    // What is there in this frame is on the screen when the next task begins.
    else
      requestAnimationFrame(() =>
        setTimeout(() => {
          watched.useful = performance.now();
        }),
      );
  };
  look();
}

const watchedIn = (page: Page) => page.evaluate(() => (window as unknown as { watched: Watched }).watched);

/**
 * Opens an address in a new context. `slowdown`: how many times as long the page's processor takes
 * for everything.
 */
export async function visit(
  browser: Browser,
  address: string,
  useful: Useful,
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
    await page.addInitScript(watch, useful);
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    await page.goto(address, { waitUntil: 'commit' });
    await page.waitForFunction(() => (window as unknown as { watched: Watched }).watched.useful !== null, null, {
      timeout: PATIENCE_MS,
      polling: 100,
    });
    await rests(page);
    await after?.(page);
    const { useful: at, shift, tasks } = await watchedIn(page);
    return { useful: at as number, longest: Math.max(0, ...tasks), long: tasks.length, shift, errors };
  } finally {
    await context.close();
  }
}

/** Until nothing was asked for and no task was long for a while. */
async function rests(page: Page): Promise<void> {
  await page.evaluate(async (rest) => {
    const amount = () =>
      performance.getEntriesByType('resource').length + (window as unknown as { watched: Watched }).watched.tasks.length;
    let before = -1;
    while (before !== amount()) {
      before = amount();
      await new Promise((resolve) => setTimeout(resolve, rest));
    }
  }, REST_MS);
}
