/**
 * The CPU engine: 100 epochs of an EDNN on the size of the water data, on one thread, and how a pack grows with threads. `npm run bench:engine`
 */
import { availableParallelism } from 'node:os';
import type { PackData, TrialTask } from '../models/engine.ts';
import { createKernelEngine } from '../models/kernel/engine.ts';
import { stream } from '../models/random.ts';
import { fitScaling, standardize } from '../models/scaling-fit.ts';
import { ednnShape, multiplyAdds } from '../models/shapes.ts';

const ROWS = 5600;
const HELD = 100;
const CONFIGURATION = {
  method: 'ednn',
  k: 2,
  hidden: [64, 64],
  activation: 'elu',
  layerNorm: false,
  dropout: 0,
  optimiser: 'adam',
  weightDecay: 0,
  schedule: 'one-cycle',
  learningRate: 0.01,
  epochs: 100,
  batch: 256,
  patience: 0,
} as const;

function madeUpData(): PackData {
  const { normal } = stream(1, 'bench');
  const rows = ROWS + 2 * HELD;
  const x = { rows, columns: 3, data: Float32Array.from({ length: rows * 3 }, normal) };
  const y = { rows, columns: 121, data: new Float32Array(rows * 121) };
  for (let i = 0; i < y.data.length; i++) {
    const row = Math.floor(i / 121) * 3;
    const e = (i % 121) / 20;
    y.data[i] =
      Math.sin((x.data[row] as number) + e) +
      0.5 * (x.data[row + 1] as number) * Math.cos(e) +
      (x.data[row + 2] as number) ** 2 * 0.1;
  }
  const numbers = (from: number, count: number) => Uint32Array.from({ length: count }, (_, i) => from + i);
  const parts = { train: numbers(0, ROWS), validation: numbers(ROWS, HELD), test: numbers(ROWS + HELD, HELD) };
  const scaling = fitScaling(x, y, parts.train, { x: 'zscore', y: 'centre' });
  return { x: standardize(x, scaling.x), y: standardize(y, scaling.y), rows: parts, scaling };
}

const data = madeUpData();
const gigaflops = (6 * multiplyAdds(ednnShape(3, 121, CONFIGURATION)) * ROWS * CONFIGURATION.epochs) / 1e9;

/** Seconds for a pack on so many threads, the threads started before. */
async function seconds(threads: number, trials: number, epochs: number): Promise<{ seconds: number; build: string }> {
  const engine = createKernelEngine({ threads });
  const tasks = (count: number, until: number): TrialTask[] =>
    Array.from({ length: count }, (_, i) => ({
      trialId: String(i),
      configuration: { ...CONFIGURATION, epochs: until },
      seed: i,
      untilEpoch: until,
      checkpoint: null,
    }));
  const hooks = {
    signal: new AbortController().signal,
    onReport: () => {},
    onProgress: () => {},
    onCheckpoint: () => {},
    checkpointSeconds: 60,
  };
  await engine.train({ data, tasks: tasks(threads, 2) }, hooks);
  const from = performance.now();
  const reports = await engine.train({ data, tasks: tasks(trials, epochs) }, hooks);
  const took = (performance.now() - from) / 1000;
  await engine.close();
  const failed = reports.find(({ outcome }) => outcome !== 'completed');
  if (failed) throw new Error(`a trial of the bench ended as ${failed.outcome}`);
  return { seconds: took, build: engine.build };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

const single: number[] = [];
const ratios: number[] = [];
let build = '';
for (let run = 0; run < 3; run++) {
  const alone = await seconds(1, 1, 100);
  build = alone.build;
  single.push(alone.seconds);
  const [one, two] = [await seconds(1, 16, 10), await seconds(2, 16, 10)];
  ratios.push(one.seconds / two.seconds);
}
console.log(`${build}, ${availableParallelism()} processors`);
console.log(
  `100 epochs of 3-64-64-2-64-64-121 on ${ROWS} rows, batch 256, one thread: ${median(single).toFixed(2)} s, ${(gigaflops / median(single)).toFixed(1)} GFLOP/s`,
);
console.log(`a pack of 16 on two threads: ${median(ratios).toFixed(2)} times the throughput of one`);
console.log(
  JSON.stringify({
    bench: 'engine',
    build,
    epochs100Seconds: Number(median(single).toFixed(3)),
    gflops: Number((gigaflops / median(single)).toFixed(1)),
    twoThreads: Number(median(ratios).toFixed(2)),
  }),
);
