/** numpy reads a trial's archive bit for bit, and can apply the model with what it reads. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeNpy } from '../../datasets/formats/npy.ts';
import { type TrialContent, trialArchive } from '../../export/npz.ts';
import type { SplitRows } from '../../models/axes.ts';
import { loadModel } from '../../models/stored/model.ts';
import { packModel } from '../../models/stored/model-file.ts';
import { temporaryFolder } from '../infra/folders.ts';
import { createRandomModel, createUnevenData } from '../support/models.ts';
import { pythonEnvironment, runPython } from '../support/python.ts';

const { python, skip } = await pythonEnvironment();
const { x, scaling } = createUnevenData(6);
const rows: SplitRows = { train: Uint32Array.of(0, 2, 5), validation: Uint32Array.of(1, 3), test: Uint32Array.of(4) };
const model = createRandomModel({ method: 'nnca', k: 2, activation: 'tanh', layerNorm: true }, scaling);
const latents = {
  train: { rows: 3, k: 2, data: Float32Array.of(1, -0, Number.NaN, 4, 5, 6) },
  validation: { rows: 2, k: 2, data: Float32Array.of(7, 8, 9, 1e-42) },
};
const content: TrialContent = { model, latents, rows, about: { trial: 's1-0', units: 'Å' } };

const sha = (data: Float32Array | Float64Array | Uint32Array) =>
  createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex');

const READ = `
import hashlib, json, sys
import numpy as np
archive = np.load(sys.argv[1])
names = [name for name in archive.files if name != "about.json"]
print(json.dumps({
    "arrays": {name: [str(archive[name].dtype), list(archive[name].shape), hashlib.sha256(archive[name].tobytes()).hexdigest()] for name in names},
    "about": json.loads(archive["about.json"]),
}))
`;

test('every array has its type, shape and bits', { skip }, async (t) => {
  const file = join(temporaryFolder(t), 's1-0.npz');
  writeFileSync(file, trialArchive(content));
  const { arrays, about } = JSON.parse(await runPython(python as string, READ, { args: [file] }));
  assert.deepEqual(about, content.about);
  const is = (name: string, type: string, shape: number[], data: Parameters<typeof sha>[0]) => {
    assert.deepEqual(arrays[name], [type, shape, sha(data)], name);
    delete arrays[name];
  };
  model.parameters.forEach(({ weights, bias, gain, shift }, at) => {
    const { inputs, outputs } = model.shape[at] as (typeof model.shape)[number];
    is(`layer_${at + 1}_weights`, 'float32', [inputs, outputs], weights);
    is(`layer_${at + 1}_bias`, 'float32', [outputs], bias);
    if (gain) is(`layer_${at + 1}_gain`, 'float32', [outputs], gain);
    if (shift) is(`layer_${at + 1}_shift`, 'float32', [outputs], shift);
  });
  for (const axis of ['x', 'y'] as const) {
    const { kept, mean, deviation, constants } = scaling[axis];
    is(`${axis}_kept`, 'uint32', [kept.length], kept);
    is(`${axis}_mean`, 'float64', [kept.length], mean);
    is(`${axis}_deviation`, 'float64', [kept.length], deviation);
    const columns = Uint32Array.from(constants, ({ column }) => column);
    is(`${axis}_constant_columns`, 'uint32', [columns.length], columns);
    is(
      `${axis}_constant_values`,
      'float64',
      [columns.length],
      Float64Array.from(constants, ({ value }) => value),
    );
  }
  const W = model.parameters[0]?.weights as Float32Array;
  const V = Float32Array.from({ length: 8 }, (_, i) => W[(i % 4) * 2 + Math.floor(i / 4)] as number);
  is('components', 'float32', [2, 4], V);
  is('latent_range', 'float64', [2, 2], Float64Array.of(-2, 2, -2, 2));
  is('latents_train', 'float32', [3, 2], latents.train.data);
  is('latents_validation', 'float32', [2, 2], latents.validation.data);
  is('rows_train', 'uint32', [3], rows.train);
  is('rows_validation', 'uint32', [2], rows.validation);
  assert.deepEqual(Object.keys(arrays), [], 'and nothing else');
});

const BY_HAND = `
import sys
import numpy as np
archive, x, wanted = np.load(sys.argv[1]), np.load(sys.argv[2]), np.load(sys.argv[3])
a = (x[:, archive["x_kept"]] - archive["x_mean"]) / archive["x_deviation"]
t = a @ archive["components"].T
for layer in (2, 3, 4):
    z = (a @ archive["layer_1_weights"] if layer == 2 else a) @ archive[f"layer_{layer}_weights"] + archive[f"layer_{layer}_bias"]
    if f"layer_{layer}_gain" in archive:
        z = (z - z.mean(1, keepdims=True)) / np.sqrt(z.var(1, keepdims=True) + 1e-5)
        z = z * archive[f"layer_{layer}_gain"] + archive[f"layer_{layer}_shift"]
    a = np.tanh(z) if layer < 4 else z
y = a * archive["y_deviation"] + archive["y_mean"]
assert np.allclose(y, wanted, rtol=0, atol=1e-5), abs(y - wanted).max()
`;

test('numpy applies the model by hand', { skip }, async (t) => {
  const folder = temporaryFolder(t);
  const files = ['model.npz', 'x.npy', 'y.npy'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(files[0], trialArchive(content));
  writeFileSync(files[1], writeNpy(x));
  writeFileSync(files[2], writeNpy(loadModel(packModel(model)).predict(x)));
  await runPython(python as string, BY_HAND, { args: files });
});

test('without weights the archive holds the latents alone; the same trial gives the same bytes', { skip }, async (t) => {
  const file = join(temporaryFolder(t), 's1-0.npz');
  const bytes = trialArchive({ ...content, model: null });
  assert.deepEqual(trialArchive({ ...content, model: null }), bytes);
  writeFileSync(file, bytes);
  const { arrays } = JSON.parse(await runPython(python as string, READ, { args: [file] }));
  assert.deepEqual(Object.keys(arrays), ['latents_train', 'rows_train', 'latents_validation', 'rows_validation']);
});
