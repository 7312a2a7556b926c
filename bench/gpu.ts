/**
 * Trials per second of both engines as packs grow: EDNNs of the water data's shape, K = 1, 16, 128
 * and 1,024 at once. Uses a GPU after `npm run gpu:setup`, otherwise TensorFlow's library for the
 * processor; without a native library it measures the kernel only.
 *
 * `npm run bench:gpu -- --most 128`
 */
import { parseArgs } from 'node:util';
import { readEnvironment } from '../infra/env.ts';
import { tensorflowFolder } from '../infra/worker/tensorflow-folder.ts';
import type { Engine } from '../models/engines/engine.ts';
import { createKernelEngine } from '../models/engines/kernel/engine.ts';
import { createTfjsEngine } from '../models/engines/tfjs/engine.ts';
import { NATIVE_FLAVOURS } from '../models/engines/tfjs/load.ts';
import { configurationOf, syntheticData, WATER } from './engine/cases.ts';
import { packSeconds, warmUp } from './engine/narrows.ts';
import { NO_NATIVE, whereNative } from './engine/native.ts';
import { digits } from './statistics.ts';

const SIZES = [1, 16, 128, 1024];
const EPOCHS = 2;

const { values } = parseArgs({ options: { most: { type: 'string', default: '1024' } } });
const sizes = SIZES.filter((size) => size <= Number(values.most));
const configuration = { ...configurationOf(WATER), epochs: EPOCHS };
const data = syntheticData(WATER.inputs, WATER.outputs);

/** Returns trials times epochs per second for each pack size. */
async function measureRates(engine: Engine): Promise<number[]> {
  const measured: number[] = [];
  await warmUp(engine, data, configuration);
  for (const size of sizes) measured.push(digits((size * EPOCHS) / (await packSeconds(engine, data, configuration, size))));
  await engine.close();
  return measured;
}

const kernel = createKernelEngine();
const device = await whereNative(() =>
  createTfjsEngine({
    folder: tensorflowFolder(readEnvironment()),
    flavours: NATIVE_FLAVOURS,
    atOnce: Math.max(...sizes),
  }),
);
if (device === null) console.error(`${NO_NATIVE.unavailable}; measuring the kernel only. ${NO_NATIVE.fix}`);
const rows = [
  { engine: kernel.build, rates: await measureRates(kernel) },
  ...(device ? [{ engine: device.build, rates: await measureRates(device) }] : []),
];
console.log('trials x epochs per second, 3-64-64-2-64-64-121 on 5632 rows, batch 256');
console.log(`${''.padEnd(32)}${sizes.map((size) => `K = ${size}`.padStart(11)).join('')}`);
for (const { engine, rates: own } of rows)
  console.log(`${engine.padEnd(32)}${own.map((rate) => String(rate).padStart(11)).join('')}`);
console.log(JSON.stringify({ bench: 'gpu', gpu: device?.gpu ?? false, sizes, engines: rows }));
