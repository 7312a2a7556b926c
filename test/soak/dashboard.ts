/**
 * Soaks the page of a large sweep while its trials arrive, for a minute or for hours: Postgres, the
 * server and a browser, with rows written at the given rate.
 *
 * Prints the time from a row's commit to the picture, the longest task of the page, and the growth
 * of its heap; exits with 1 when a limit is exceeded.
 *
 * `npm run soak:dashboard -- --trials 100000 --begun 30000 --rate 1000 --seconds 60`
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type CDPSession, chromium, type Page } from 'playwright-core';
import { quantile } from '../../bench/statistics.ts';
import { openDatabase } from '../../db/client.ts';
import { resolveHome } from '../../infra/home.ts';
import { readState } from '../../infra/stack/state.ts';
import { findChromium } from '../browser/chromium.ts';
import { project } from '../support/command.ts';
import { seedSweep, seedTrials } from '../support/seeded-sweep.ts';

const WATER = fileURLToPath(new URL('../../examples/water', import.meta.url));
/**
 * Limits: milliseconds from commit to picture (95th percentile of batches), milliseconds of a task,
 * relative growth of the heap after the warm-up.
 */
const LIMITS = { latency: 1000, task: 200, growth: 0.1 };
/** Batches per second: an engine reports in batches, not row by row. */
const BATCHES = 5;
const WARM_UP_SECONDS = 10;

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '100000' },
    begun: { type: 'string', default: '30000' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
  },
});
const [trials, begun, rate, seconds] = [values.trials, values.begun, values.rate, values.seconds].map(Number) as [
  number,
  number,
  number,
  number,
];
if (
  ![trials, begun, rate, seconds].every((one) => Number.isInteger(one) && one >= 0) ||
  begun + rate * (seconds + WARM_UP_SECONDS) > trials ||
  trials % 10 !== 0
) {
  console.error(
    `All options must be integers, --trials a multiple of 10 with room for rate * (seconds + ${WARM_UP_SECONDS}) trials after --begun`,
  );
  process.exit(2);
}

interface Observations {
  /** Unix time in ms at which a picture was drawn, and the number of trials in it. */
  readonly pictures: readonly { readonly at: number; readonly known: number }[];
  readonly tasks: readonly { readonly at: number; readonly milliseconds: number }[];
}

/** Runs in the page before its own scripts. */
function observe(): void {
  const observed = { pictures: [] as { at: number; known: number }[], tasks: [] as { at: number; milliseconds: number }[] };
  Object.assign(window, { observed });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntriesByName('draw parallel') as PerformanceMeasure[]) {
      observed.pictures.push({ at: performance.timeOrigin + entry.startTime + entry.duration, known: entry.detail.known });
    }
  }).observe({ type: 'measure' });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      observed.tasks.push({ at: performance.timeOrigin + startTime, milliseconds: duration });
  }).observe({ type: 'longtask', buffered: true });
}

const readObservations = (page: Page) => page.evaluate(() => (window as unknown as { observed: Observations }).observed);

/** Returns the reachable memory in MiB: objects, typed arrays and the document. */
async function measureHeap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage');
  return (usedSize + embedderHeapUsedSize + backingStorageSize) / 2 ** 20;
}

const found = await findChromium();
if (found.skip !== false) {
  console.error(found.skip);
  process.exit(2);
}
await using it = project();
const up = await it.narrows(['up', '--detach']);
assert.equal(up.code, 0, up.stderr);
await it.json(['data', 'import', WATER]);
const { dashboards } = await it.json<{ dashboards: string }>(['status']);
const db = await openDatabase(readState(resolveHome(join(it.directory, '.narrows')))?.databaseUrl as string);
const browser = await chromium.launch({ executablePath: found.path, args: ['--no-sandbox'] });
try {
  console.error(`seeding ${begun} of ${trials} trials`);
  const sweep = await seedSweep(db.sql, 'soak', trials);
  await seedTrials(db.sql, sweep, 0, begun);
  await db.sql`analyze`;
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  const session = await page.context().newCDPSession(page);
  await page.addInitScript(observe);
  await page.goto(`${dashboards}/sweeps/${sweep.id}`);
  await page.waitForFunction(() => (window as unknown as { observed: Observations }).observed.pictures.length > 0, null, {
    timeout: 60_000,
  });
  await wait(2000);
  const opened = await readObservations(page);
  const opening = Math.max(0, ...opened.tasks.map(({ milliseconds }) => milliseconds));

  let written = begun;
  const batches: { readonly at: number; readonly known: number }[] = [];
  const write = async (forSeconds: number) => {
    const start = Date.now();
    for (let batch = 1; batch <= forSeconds * BATCHES; batch++) {
      const size = Math.round(rate / BATCHES);
      await seedTrials(db.sql, sweep, written, written + size);
      written += size;
      batches.push({ at: Date.now(), known: written });
      await wait(Math.max(0, start + (1000 * batch) / BATCHES - Date.now()));
    }
    return (Date.now() - start) / 1000;
  };
  console.error(`${rate} trials per second for ${seconds} s, after a warm-up of ${WARM_UP_SECONDS} s`);
  await write(WARM_UP_SECONDS);
  await wait(2000);
  const before = await measureHeap(session);
  batches.length = 0;
  const from = Date.now();
  const took = await write(seconds);
  await wait(3000);
  const until = Date.now();
  const { pictures, tasks } = await readObservations(page);
  const after = await measureHeap(session);

  const lags = batches
    .map(({ at, known }) => (pictures.find((picture) => picture.known >= known)?.at ?? Number.POSITIVE_INFINITY) - at)
    .sort((a, b) => a - b);
  const during = tasks.filter(({ at }) => at >= from && at < until).map(({ milliseconds }) => milliseconds);
  const longest = Math.max(0, ...during);
  const growth = after / before - 1;
  const print = (name: string, text: string, holds: boolean, limit: string) =>
    console.log(`${name.padEnd(26)}${text.padEnd(46)}${holds ? 'within' : 'OVER'} ${limit}`);
  console.log(
    `${written - begun} rows written at ${((rate * seconds) / took).toFixed(0)} per second, ${pictures.length} pictures`,
  );
  const p95 = quantile(lags, 0.95);
  print(
    'from commit to picture',
    `median ${quantile(lags, 0.5).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, max ${lags.at(-1)?.toFixed(0)} ms`,
    p95 <= LIMITS.latency,
    `${LIMITS.latency} ms (p95)`,
  );
  print(
    'longest task while writing',
    `${longest.toFixed(0)} ms (${during.length} above 50 ms)`,
    longest <= LIMITS.task,
    `${LIMITS.task} ms`,
  );
  print('longest task at opening', `${opening.toFixed(0)} ms`, opening <= LIMITS.task, `${LIMITS.task} ms`);
  print(
    'reachable heap',
    `${before.toFixed(1)} MiB, then ${after.toFixed(1)} MiB (${(100 * growth).toFixed(1)} %)`,
    growth <= LIMITS.growth,
    `${100 * LIMITS.growth} %`,
  );
  if (p95 > LIMITS.latency || longest > LIMITS.task || opening > LIMITS.task || growth > LIMITS.growth) process.exitCode = 1;
} finally {
  await browser.close();
  await db.close();
}
