/**
 * Every page as it opens: how soon it is of use where the processor is four times slower, and what
 * it costs at full speed. Postgres, the server and a browser
 * as they are used, with the demo's sweep, a great one and a retraining's past behind them. `npm
 * run soak:pages -- --runs 5 --trials 100000`
 *
 * Prints a line for each page and, last, the same as JSON; ends with 1 where a bar does not hold.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { openDatabase } from '../../db/client.ts';
import { listCurrentChampions } from '../../db/queries/retraining/champions.ts';
import { findSweep } from '../../db/queries/sweeps/sweeps.ts';
import { resolveHome } from '../../infra/home.ts';
import { readState } from '../../infra/stack/state.ts';
import { findChromium } from '../browser/chromium.ts';
import { project } from '../support/command.ts';
import { type SeededRetraining, seedRetraining } from '../support/seeded-retraining.ts';
import { endSweep, seedSweep, seedTrials } from '../support/seeded-sweep.ts';
import { type Useful, type Visit, visit } from './browsing.ts';

const SLOWDOWN = 4;
/**
 * Milliseconds until a slowed page is of use, of a task and of a slider's frame at full speed; the
 * sum of layout shifts.
 */
const BARS = { useful: 1500, task: 200, frame: 16, shift: 0.05 };
const PRESSES = 60;

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, trials: { type: 'string', default: '100000' } },
});
const [runs, trials] = [values.runs, values.trials].map(Number) as [number, number];
if (![runs, trials].every((one) => Number.isInteger(one) && one > 0) || trials % 10 !== 0) {
  console.error('--runs and --trials are whole numbers, --trials in tens');
  process.exit(2);
}

const SWEEP: Useful = {
  shown: ['.sweep .progress', '.coverage-and-words svg', '.trials tbody tr'],
  drawn: ['draw parallel', 'draw scatter'],
};

interface There {
  readonly demo: string;
  readonly great: string;
  readonly trial: string;
  /** Path of a version. */
  readonly dataset: string;
  readonly retraining: SeededRetraining;
  readonly champion: number;
}

/** Addresses by name, and what makes each of use. */
const pagesOf = ({ demo, great, trial, dataset, retraining, champion }: There): Record<string, [string, Useful]> => ({
  sweeps: ['/', { shown: ['.sweeps li'] }],
  'sweep of the demo': [`/sweeps/${demo}`, SWEEP],
  [`sweep of ${trials} trials`]: [`/sweeps/${great}?split=validation`, SWEEP],
  trial: [`/trials/${trial}`, { shown: ['.spectra .plot svg', '#figures'] }],
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

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
};
const rounded = (value: number, digits = 0) => Number(value.toFixed(digits));

/** From key to drawn spectrum, milliseconds of each press. */
async function slide(page: Page): Promise<number[]> {
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
console.error('the demo, for its sweep');
const demo = await it.narrows(['demo']);
assert.equal(demo.code, 0, demo.stderr);
const up = await it.narrows(['up', '--detach']);
assert.equal(up.code, 0, up.stderr);
const { dashboards } = await it.json<{ dashboards: string }>(['status']);
const db = await openDatabase(readState(resolveHome(join(it.directory, '.narrows')))?.databaseUrl as string);
const browser = await chromium.launch({ executablePath: found.path, args: ['--no-sandbox'] });
try {
  console.error(`planting ${trials} trials`);
  const great = await seedSweep(db.sql, 'great', trials);
  await seedTrials(db.sql, great, 0, trials);
  await endSweep(db.sql, great);
  const retraining = await seedRetraining(db.sql, await findSweep(db.sql, 'demo'));
  const [champion] = await listCurrentChampions(db.sql, retraining.name);
  await db.sql`analyze`;
  const ask = async <T>(path: string): Promise<T> => (await (await fetch(new URL(path, dashboards))).json()) as T;
  const { items } = await ask<{ items: { trialId: string }[] }>('/api/sweeps/demo/trials?where=method=eca,k=3&limit=1');
  const { items: sets } = await ask<{ items: { name: string; version: string }[] }>('/api/datasets');
  const [trial, set] = [items[0]?.trialId as string, sets[0] as { name: string; version: string }];
  const pages = pagesOf({
    ...{ demo: 'demo', great: great.id, trial, dataset: `/datasets/${set.name}/${set.version}` },
    ...{ retraining, champion: champion?.id as number },
  });

  const told: Record<string, unknown> = {};
  let isOver = false;
  for (const [name, [path, useful]] of Object.entries(pages)) {
    const address = new URL(path, dashboards).href;
    const looks = async (options: Parameters<typeof visit>[3]) => {
      const all: Visit[] = [];
      for (let run = 0; run < runs; run++) all.push(await visit(browser, address, useful, options));
      return all;
    };
    // The first answers of a server that has just started are not what a person waits for day by
    // day.
    await visit(browser, address, useful);
    const slowed = await looks({ slowdown: SLOWDOWN });
    const frames: number[] = [];
    const plain = await looks(name === 'explorer' ? { after: async (page) => void frames.push(...(await slide(page))) } : {});
    const figures = {
      usefulMs: rounded(median(slowed.map((one) => one.useful))),
      slowestMs: rounded(Math.max(...slowed.map((one) => one.useful))),
      usefulAtFullSpeedMs: rounded(median(plain.map((one) => one.useful))),
      longestTaskMs: rounded(median(plain.map(({ longest }) => longest))),
      layoutShift: rounded(Math.max(...[...slowed, ...plain].map(({ shift }) => shift)), 4),
      errors: [...new Set([...slowed, ...plain].flatMap(({ errors }) => errors))],
      ...(frames.length > 0 && { sliderMs: rounded(median(frames), 1), slowestSliderMs: rounded(Math.max(...frames), 1) }),
    };
    const holds =
      figures.usefulMs <= BARS.useful &&
      figures.longestTaskMs <= BARS.task &&
      figures.layoutShift <= BARS.shift &&
      figures.errors.length === 0 &&
      (figures.sliderMs ?? 0) <= BARS.frame;
    isOver ||= !holds;
    told[name] = figures;
    console.log(
      `${name.padEnd(24)} of use after ${String(figures.usefulMs).padStart(5)} ms (most ${figures.slowestMs}; ${figures.usefulAtFullSpeedMs} at full speed), longest task ${figures.longestTaskMs} ms, shift ${figures.layoutShift}, ${figures.errors.length} errors${figures.sliderMs === undefined ? '' : `, slider ${figures.sliderMs} ms (most ${figures.slowestSliderMs})`}  ${holds ? 'within' : 'OVER'}`,
    );
    for (const error of figures.errors) console.log(`  ${error}`);
  }
  console.log(JSON.stringify({ slowdown: SLOWDOWN, runs, trials, bars: BARS, pages: told }));
  if (isOver) process.exitCode = 1;
} finally {
  await browser.close();
  await db.close();
}
