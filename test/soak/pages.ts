/**
 * Opens every page: time until it is usable on a processor throttled by a factor of four, and its
 * cost at full speed. Uses Postgres, the server and a browser, with the demo's sweep, a large sweep
 * and a retraining.
 *
 * Prints a line per page and finally JSON; exits with 1 when a limit is exceeded.
 *
 * `npm run soak:pages -- --runs 5 --trials 100000`
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { median } from '../../bench/statistics.ts';
import { openDatabase } from '../../db/client.ts';
import { listCurrentChampions } from '../../db/queries/retraining/champions.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { resolveHome } from '../../infra/home.ts';
import { readState } from '../../infra/stack/state.ts';
import { findChromium } from '../browser/chromium.ts';
import { project } from '../support/command.ts';
import { type SeededRetraining, seedRetraining } from '../support/seeded-retraining.ts';
import { endSweep, seedSweep, seedTrials } from '../support/seeded-sweep.ts';
import { type MainContent, type Visit, visit } from './browsing.ts';

const SLOWDOWN = 4;
/**
 * Limits: milliseconds until a throttled page is usable, of a task and of a slider's frame at full
 * speed; sum of layout shifts.
 */
const LIMITS = { useful: 1500, task: 200, frame: 16, shift: 0.05 };
const PRESSES = 60;

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, trials: { type: 'string', default: '100000' } },
});
const [runs, trials] = [values.runs, values.trials].map(Number) as [number, number];
if (![runs, trials].every((one) => Number.isInteger(one) && one > 0) || trials % 10 !== 0) {
  console.error('--runs and --trials must be positive integers, --trials a multiple of 10');
  process.exit(2);
}

const SWEEP: MainContent = {
  shown: ['.sweep .progress', '.coverage-and-words svg', '.trials tbody tr'],
  drawn: ['draw parallel', 'draw scatter'],
};

interface SeededPages {
  readonly demo: string;
  readonly great: string;
  readonly trial: string;
  /** Path of a version. */
  readonly dataset: string;
  readonly retraining: SeededRetraining;
  readonly champion: number;
}

/** Returns path and main content of each page by name. */
const pagesOf = ({ demo, great, trial, dataset, retraining, champion }: SeededPages): Record<string, [string, MainContent]> => ({
  sweeps: ['/', { shown: ['.sweeps li'] }],
  'sweep of the demo': [`/sweeps/${demo}`, SWEEP],
  [`sweep of ${trials} trials`]: [`/sweeps/${great}?split=validation`, SWEEP],
  trial: [`/trials/${trial}`, { shown: ['.spectra .plot svg', '#scores'] }],
  explorer: [`/trials/${trial}/explore`, { shown: ['.latent-slider input', '.results .plot svg', '.parts li'] }],
  interpretation: [`/sweeps/${demo}/interpretation`, { shown: ['main figure svg'] }],
  compare: [`/compare?sweeps=${demo}`, { shown: ['main figure svg'] }],
  'new sweep': ['/sweeps/new', { shown: ['main textarea'] }],
  retrainings: ['/retrainings', { shown: ['main table tbody tr'] }],
  retraining: [`/retrainings/${retraining.name}`, { shown: ['main figure svg', 'main table tbody tr'] }],
  'run of a retraining': [`/retrainings/${retraining.name}/runs/${retraining.runs.promoted}`, { shown: ['main figure svg'] }],
  champions: ['/champions', { shown: ['main table tbody tr'] }],
  champion: [`/champions/${champion}`, { shown: ['main figure svg'] }],
  datasets: ['/datasets', { shown: ['main .card, main table tbody tr'] }],
  dataset: [dataset, { shown: ['#descriptors', '.table tbody tr'] }],
  system: ['/system', { shown: ['main table tbody tr'] }],
});

const rounded = (value: number, digits = 0) => Number(value.toFixed(digits));

/** Moves a slider by keys. Returns the milliseconds from each key press to the drawn spectrum. */
async function measureSlider(page: Page): Promise<number[]> {
  await page.locator('.latent-slider input').first().focus();
  const frames: number[] = [];
  for (let press = 0; press < PRESSES; press++) {
    await page.keyboard.press(press < PRESSES / 2 ? 'ArrowRight' : 'ArrowLeft');
    frames.push(
      await page.evaluate(async () => {
        await new Promise(requestAnimationFrame);
        return performance.getEntriesByName('narrows:explore').at(-1)?.duration ?? Number.NaN;
      }),
    );
  }
  return frames;
}

const found = await findChromium();
if (found.skip !== false) {
  console.error(found.skip);
  process.exit(2);
}
await using it = project();
console.error('running the demo');
const demo = await it.narrows(['demo']);
assert.equal(demo.code, 0, demo.stderr);
const up = await it.narrows(['up', '--detach']);
assert.equal(up.code, 0, up.stderr);
const { dashboards } = await it.json<{ dashboards: string }>(['status']);
const db = await openDatabase(readState(resolveHome(join(it.directory, '.narrows')))?.databaseUrl as string);
const browser = await chromium.launch({ executablePath: found.path, args: ['--no-sandbox'] });
try {
  console.error(`seeding ${trials} trials`);
  const great = await seedSweep(db.sql, 'great', trials);
  await seedTrials(db.sql, great, 0, trials);
  await endSweep(db.sql, great);
  const retraining = await seedRetraining(db.sql, await findSweep(db.sql, 'demo'));
  const [champion] = await listCurrentChampions(db.sql, retraining.name);
  await db.sql`analyze`;
  const fetchJson = async <T>(path: string): Promise<T> => (await (await fetch(new URL(path, dashboards))).json()) as T;
  const { items } = await fetchJson<{ items: { trialId: string }[] }>('/api/sweeps/demo/trials?where=method=eca,k=3&limit=1');
  const { items: sets } = await fetchJson<{ items: { name: string; version: string }[] }>('/api/datasets');
  const [trial, set] = [items[0]?.trialId as string, sets[0] as { name: string; version: string }];
  const pages = pagesOf({
    ...{ demo: 'demo', great: great.id, trial, dataset: `/datasets/${set.name}/${set.version}` },
    ...{ retraining, champion: champion?.id as number },
  });

  const results: Record<string, unknown> = {};
  let isOver = false;
  for (const [name, [path, useful]] of Object.entries(pages)) {
    const address = new URL(path, dashboards).href;
    const visitRepeatedly = async (options: Parameters<typeof visit>[3]) => {
      const all: Visit[] = [];
      for (let run = 0; run < runs; run++) all.push(await visit(browser, address, useful, options));
      return all;
    };
    // Warm-up: the first answers of a new server are slower.
    await visit(browser, address, useful);
    const slowed = await visitRepeatedly({ slowdown: SLOWDOWN });
    const frames: number[] = [];
    const plain = await visitRepeatedly(
      name === 'explorer' ? { after: async (page) => void frames.push(...(await measureSlider(page))) } : {},
    );
    const metrics = {
      usefulMs: rounded(median(slowed.map((one) => one.useful))),
      slowestMs: rounded(Math.max(...slowed.map((one) => one.useful))),
      usefulAtFullSpeedMs: rounded(median(plain.map((one) => one.useful))),
      longestTaskMs: rounded(median(plain.map(({ longest }) => longest))),
      layoutShift: rounded(Math.max(...[...slowed, ...plain].map(({ shift }) => shift)), 4),
      errors: [...new Set([...slowed, ...plain].flatMap(({ errors }) => errors))],
      ...(frames.length > 0 && { sliderMs: rounded(median(frames), 1), slowestSliderMs: rounded(Math.max(...frames), 1) }),
    };
    const holds =
      metrics.usefulMs <= LIMITS.useful &&
      metrics.longestTaskMs <= LIMITS.task &&
      metrics.layoutShift <= LIMITS.shift &&
      metrics.errors.length === 0 &&
      (metrics.sliderMs ?? 0) <= LIMITS.frame;
    isOver ||= !holds;
    results[name] = metrics;
    console.log(
      `${name.padEnd(24)} usable after ${String(metrics.usefulMs).padStart(5)} ms (max ${metrics.slowestMs}; ${metrics.usefulAtFullSpeedMs} at full speed), longest task ${metrics.longestTaskMs} ms, shift ${metrics.layoutShift}, ${metrics.errors.length} errors${metrics.sliderMs === undefined ? '' : `, slider ${metrics.sliderMs} ms (max ${metrics.slowestSliderMs})`}  ${holds ? 'within' : 'OVER'}`,
    );
    for (const error of metrics.errors) console.log(`  ${error}`);
  }
  console.log(JSON.stringify({ slowdown: SLOWDOWN, runs, trials, bars: LIMITS, pages: results }));
  if (isOver) process.exitCode = 1;
} finally {
  await browser.close();
  await db.close();
}
