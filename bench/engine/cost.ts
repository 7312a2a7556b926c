/** Cost of one trial and of many, in time and memory; speed-up by a second thread. */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { digits, fitLine, median } from '../statistics.ts';
import { configurationOf, syntheticData, WATER } from './cases.ts';
import { packSeconds, warmUp, withEngine } from './narrows.ts';

const configuration = configurationOf(WATER);
const data = syntheticData(WATER.inputs, WATER.outputs, 5600);
const EPOCHS = 3;

/** Seconds of 100 epochs of 3-64-64-2-64-64-121 on 5600 rows, batch 256, one thread. */
export async function measure100Epochs(): Promise<number> {
  return await withEngine(1, async (engine) => {
    await warmUp(engine, data, configuration);
    return await packSeconds(engine, data, { ...configuration, epochs: 100 }, 1);
  });
}

/** Ratio of the throughput of two threads to that of one, on a pack of 16. */
export async function measureTwoThreads(): Promise<number> {
  const seconds = (threads: number) =>
    withEngine(threads, async (engine) => {
      await warmUp(engine, data, configuration);
      return await packSeconds(engine, data, { ...configuration, epochs: 10 }, 16);
    });
  return (await seconds(1)) / (await seconds(2));
}

export interface TrialCost {
  readonly trials: readonly number[];
  readonly seconds: readonly number[];
  /** Milliseconds per trial at each number of trials. */
  readonly msPerTrial: readonly number[];
  /** seconds = a + b trials. */
  readonly a: number;
  readonly b: number;
  readonly r2: number;
}

/** Seconds of packs of 1 to 1024 trials of a few epochs on all cores. */
export async function measureCostOfTrials(rounds: number, quick: boolean): Promise<TrialCost> {
  const trials = quick ? [1, 4, 16, 64, 256] : [1, 4, 16, 64, 256, 1024];
  const seconds = await withEngine(availableParallelism(), async (engine) => {
    await warmUp(engine, data, configuration);
    const taken: number[][] = trials.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, count] of trials.entries()) {
        taken[i]?.push(await packSeconds(engine, data, { ...configuration, epochs: EPOCHS }, count));
      }
    }
    return taken.map(median);
  });
  const { a, b, r2 } = fitLine(trials, seconds);
  const msPerTrial = seconds.map((value, i) => digits((1000 * value) / (trials[i] as number)));
  return { trials, seconds: seconds.map((value) => digits(value)), msPerTrial, a: digits(a), b: digits(b), r2: digits(r2, 6) };
}

export interface MemoryCost {
  /** WebAssembly memory that a thread allocates for a trial and reuses for the next. */
  readonly wasmMiBPerThread: number;
  /** The same after a second trial on the thread, which must not add to it. */
  readonly wasmMiBAfterTwo: number;
  /** Growth of peak memory per trial of a pack: the reports, which the caller keeps. */
  readonly peakMiBPerTrial: number;
  readonly peakMiB: number;
}

/** Measures each pack in its own process, since peak memory never falls. */
export function measureMemoryCost(): MemoryCost {
  const program = fileURLToPath(new URL('./memory.ts', import.meta.url));
  const measure = (trials: number) =>
    JSON.parse(execFileSync(process.execPath, [program, String(trials)], { encoding: 'utf8' })) as {
      wasmMiB: [number, number];
      peakMiB: number;
    };
  const [few, many] = [32, 512];
  const [low, high] = [measure(few), measure(many)];
  return {
    wasmMiBPerThread: high.wasmMiB[0],
    wasmMiBAfterTwo: high.wasmMiB[1],
    peakMiBPerTrial: digits((high.peakMiB - low.peakMiB) / (many - few), 3),
    peakMiB: digits(high.peakMiB),
  };
}
