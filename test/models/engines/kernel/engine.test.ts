import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { compileKernel } from '../../../../models/engines/kernel/build.ts';
import { createKernelEngine } from '../../../../models/engines/kernel/engine.ts';
import { chooseSandboxedBuild, isNative, runnableBuilds } from '../../../../models/engines/kernel/loader.ts';
import { coveredVariance } from '../../../../models/evaluation/covered-variance.ts';
import { forward } from '../../../../models/networks/forward.ts';
import { physicalPart, standardize, unstandardize } from '../../../../models/standardisation.ts';
import { mapRows } from '../../../../models/stored/model.ts';
import { unpackModel } from '../../../../models/stored/model-file.ts';
import { temporaryFolder } from '../../../infra/folders.ts';
import { smoothData, taskOf, unwatched } from '../../../support/data.ts';
import { warmTask } from '../../../support/models.ts';
import { prepareCompiler } from '../../../support/programs/compiler.ts';
import { contentOf, engineContract } from '../contract.ts';

for (const build of runnableBuilds()) engineContract(`the kernel, ${build}`, (threads) => createKernelEngine({ threads, build }));

const data = smoothData();

test('a warm start predicts as its model before the first step; a start from scratch ignores a model', async (context) => {
  const engine = createKernelEngine({ threads: 1 });
  context.after(() => engine.close());
  // Steps of nothing: the first epoch's score is that of the weights at the start.
  for (const [method, changes] of [
    ['ednn', { layerNorm: true }],
    ['nnca', {}],
    ['eca', {}],
  ] as const) {
    const task = warmTask({ method, k: 2, learningRate: 1e-30, epochs: 1, ...changes });
    const [report] = await engine.train({ data, tasks: [task] }, unwatched());
    assert.equal(report?.outcome, 'completed');
    const { x, y } = physicalPart(data, 'validation');
    const { shape, parameters, scaling } = unpackModel(task.initial as Uint8Array);
    const output = (row: Float32Array) => forward(shape, parameters, row).at(-1) as Float64Array;
    const predicted = unstandardize(mapRows(standardize(x, scaling.x), scaling.y.kept.length, output), scaling.y);
    const score = report.curve.validation[0] as number;
    assert.ok(Math.abs(score - coveredVariance(y, predicted)) < 1e-4 * Math.abs(score), `${method} ${score}`);
  }
  const scratch = taskOf({ method: 'ednn', k: 1 });
  const { initial } = warmTask({ method: 'ednn', k: 1 });
  const [plain, given] = await engine.train({ data, tasks: [scratch, { ...scratch, initial }] }, unwatched());
  assert.deepEqual(contentOf(given), contentOf(plain));
});

const native = runnableBuilds().findLast(isNative);
const withoutCrash = native === undefined ? 'no native build runs on this machine' : await prepareCompiler();

test('a trial whose native code crashes is trained again in WebAssembly; all others keep their bits', {
  skip: withoutCrash,
}, async (t) => {
  if (native === undefined) return;
  const addon = join(temporaryFolder(t), 'crashing.node');
  writeFileSync(addon, compileKernel(native, { kernel: new URL('../../../support/crash.c', import.meta.url) }));
  const crashing = createKernelEngine({ threads: 2, kernel: { name: 'crashing', module: { addon } } });
  const sound = createKernelEngine({ threads: 2, build: native });
  const sandboxed = createKernelEngine({ threads: 1, build: chooseSandboxedBuild() });
  t.after(() => Promise.all([crashing, sound, sandboxed].map((engine) => engine.close())));
  const tasks = [16, 13, 16, 13, 16].map((batch, seed) => ({ ...taskOf({ method: 'ednn', k: 1, batch, epochs: 5 }), seed }));
  const [mixed, expected, again] = await Promise.all(
    [crashing, sound, sandboxed].map((engine) => engine.train({ data, tasks }, unwatched())),
  );
  for (const [i, { configuration }] of tasks.entries()) {
    const crashed = configuration.batch === 13;
    const found = mixed?.[i];
    assert.ok(found?.outcome === 'completed');
    const { build, ...report } = found;
    assert.deepEqual(contentOf(report), contentOf((crashed ? again : expected)?.[i]), `trial ${i}`);
    if (crashed) assert.match(String(build), /^wasm-simd.* after a crash of crashing$/);
    else assert.equal(build, undefined);
  }
});
