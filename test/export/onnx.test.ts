/** onnxruntime applies the exported models; models/stored/model.ts gives the expected results. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readNpy, writeNpy } from '../../datasets/formats/npy.ts';
import { bottleneckGraphs, emulatorGraph } from '../../export/onnx.ts';
import type { Matrix } from '../../models/axes.ts';
import { METHODS } from '../../models/methods/catalogue.ts';
import { ACTIVATIONS } from '../../models/networks/activations.ts';
import { forward } from '../../models/networks/forward.ts';
import { standardize, unstandardize } from '../../models/standardisation.ts';
import { loadModel } from '../../models/stored/model.ts';
import { packModel, type StoredModel, unpackModel } from '../../models/stored/model-file.ts';
import { temporaryFolder } from '../infra/folders.ts';
import { createRandomModel, createUnevenData } from '../support/models.ts';
import { pythonEnvironment, runPython } from '../support/python.ts';

const { python, skip } = await pythonEnvironment();
const ROWS = 64;
const { x, y, scaling } = createUnevenData(ROWS);
const about = { narrowsVersion: '0.0.1', metadata: { sweep: 'waist', trial: 's1-0', y_unit: 'arb. u.' } };

/**
 * Applies every CASE.onnx of a folder to CASE.in.npy, whole and to its first rows, and prints the
 * files' metadata.
 */
const APPLY = `
import json, sys
import numpy as np, onnxruntime
folder, cases = sys.argv[1], sys.argv[2:]
onnxruntime.set_default_logger_severity(3)
said = {}
for case in cases:
    session = onnxruntime.InferenceSession(f"{folder}/{case}.onnx", providers=["CPUExecutionProvider"])
    (given,), (wanted,) = session.get_inputs(), session.get_outputs()
    values = np.load(f"{folder}/{case}.in.npy")
    (result,) = session.run([wanted.name], {given.name: values})
    (part,) = session.run([wanted.name], {given.name: values[:3]})
    assert np.allclose(part, result[:3], rtol=1e-5, atol=1e-5), case
    np.save(f"{folder}/{case}.out.npy", result)
    about = session.get_modelmeta()
    said[case] = [given.name, given.type, given.shape, wanted.name, wanted.type, wanted.shape,
                  about.producer_name, about.description, about.custom_metadata_map]
print(json.dumps(said))
`;

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly input: Matrix;
  readonly expected: Matrix;
  /** Spread of the columns, to which differences are compared. */
  readonly spread: readonly number[];
}

/** The network alone, in physical units. */
function emulated({ shape, parameters }: StoredModel): Matrix {
  const inside = standardize(x, scaling.x);
  const data = new Float32Array(ROWS * scaling.y.kept.length);
  for (let row = 0; row < ROWS; row++) {
    const own = inside.data.subarray(row * inside.columns, (row + 1) * inside.columns);
    data.set(forward(shape, parameters, own).at(-1) as Float64Array, row * scaling.y.kept.length);
  }
  return unstandardize({ rows: ROWS, columns: scaling.y.kept.length, data }, scaling.y);
}

/** Expected results of the exported graphs of a model; decoders receive the encoder's latents. */
function casesOf(name: string, stored: StoredModel, k = stored.k): Case[] {
  const model = loadModel(packModel(stored), { k });
  const ySpread = [...scaling.y.deviation];
  const latents = model.encode(x);
  const tSpread = Array.from({ length: k }, () => 1);
  const sides = {
    predict: { input: x, expected: model.predict(x), spread: ySpread },
    encoder: { input: x, expected: latents, spread: tSpread },
    decoder: { input: latents, expected: model.predict(x), spread: ySpread },
    emulator: { input: x, expected: emulated(stored), spread: ySpread },
  };
  const emulator = emulatorGraph(stored, about);
  assert.equal(emulator !== null, stored.method === 'eca');
  return [...bottleneckGraphs(stored, k, about), ...(emulator ? [emulator] : [])].map(({ part, bytes }) => ({
    name: `${name}-k${k}-${part}`,
    bytes,
    ...sides[part],
  }));
}

async function applied(t: Parameters<typeof temporaryFolder>[0], cases: readonly Case[]) {
  const folder = temporaryFolder(t);
  for (const { name, bytes, input } of cases) {
    writeFileSync(join(folder, `${name}.onnx`), bytes);
    writeFileSync(join(folder, `${name}.in.npy`), writeNpy(input));
  }
  const said = JSON.parse(await runPython(python as string, APPLY, { args: [folder, ...cases.map(({ name }) => name)] }));
  const outputs = cases.map(({ name }) => readNpy(new Uint8Array(readFileSync(join(folder, `${name}.out.npy`))), name));
  return { said, outputs };
}

/** Within 1e-5 of the spread, and a step of float32: both sides round their results to it. */
function requireClose({ name, expected, spread }: Case, output: Matrix): void {
  assert.deepEqual([output.rows, output.columns], [expected.rows, expected.columns], name);
  output.data.forEach((value, i) => {
    const wanted = expected.data[i] as number;
    const tolerance = 1e-5 * (spread[i % output.columns] as number) + Math.abs(wanted) * 2 ** -23;
    assert.ok(Math.abs(value - wanted) <= tolerance, `${name}: ${value} at ${i}, not ${wanted}`);
  });
}

describe('onnxruntime agrees with narrows', () => {
  for (const method of METHODS) {
    test(`${method}, every activation, with layer normalisation and without`, { skip }, async (t) => {
      const cases = ACTIVATIONS.flatMap((activation) =>
        [false, true].flatMap((layerNorm) =>
          casesOf(`${method}-${activation}-${layerNorm}`, createRandomModel({ method, k: 2, activation, layerNorm }, scaling)),
        ),
      );
      assert.equal(cases.length, ACTIVATIONS.length * 2 * (method === 'eca' ? 4 : 3));
      const { outputs } = await applied(t, cases);
      cases.forEach((one, i) => {
        requireClose(one, outputs[i] as Matrix);
      });
    });
  }

  test('ECA is exported at each of its ranks, with constant targets restored', { skip }, async (t) => {
    const stored = createRandomModel({ method: 'eca', k: 3, activation: 'gelu', layerNorm: true }, scaling);
    const { mean, deviation, kept, columns } = scaling.y;
    const without = <T extends Float64Array | Uint32Array>(values: T): T => values.filter((_, column) => column !== 2) as T;
    const dropped = { kept: without(kept), mean: without(mean), deviation: without(deviation), columns };
    const shape = stored.shape.with(-1, { ...(stored.shape.at(-1) as StoredModel['shape'][number]), outputs: 5 });
    const last = stored.parameters.at(-1) as StoredModel['parameters'][number];
    const parameters = stored.parameters.with(-1, { weights: last.weights.slice(0, 40), bias: last.bias.slice(0, 5) });
    const narrow: StoredModel = {
      ...stored,
      shape,
      parameters,
      scaling: { ...scaling, y: { ...dropped, constants: [{ column: 2, value: 7 }] } },
    };
    const cases = [1, 2, 3].flatMap((k) => [
      ...casesOf('whole', stored, k),
      ...casesOf('dropped', narrow, k).filter(({ name }) => !name.endsWith('emulator')),
    ]);
    const { outputs } = await applied(t, cases);
    cases.forEach((one, i) => {
      requireClose(one, outputs[i] as Matrix);
    });
    const predicted = outputs[cases.findIndex(({ name }) => name === 'dropped-k2-predict')] as Matrix;
    for (let row = 0; row < ROWS; row++) assert.equal(predicted.data[row * 6 + 2], 7);
  });

  test('files hold names, types, metadata and a free number of rows', { skip }, async (t) => {
    const cases = casesOf('nnca', createRandomModel({ method: 'nnca', k: 2, activation: 'elu', layerNorm: false }, scaling));
    const { said } = await applied(t, cases);
    const metadata = (part: string) => ({
      ...about.metadata,
      narrows_version: '0.0.1',
      method: 'nnca',
      k: '2',
      part,
    });
    const float = 'tensor(float)';
    const [inside, between, outside] = [
      ['batch', x.columns],
      ['batch', 2],
      ['batch', y.columns],
    ] as const;
    const told = (part: string) => said[`nnca-k2-${part}`].toSpliced(7, 1);
    assert.deepEqual(told('predict'), ['x', float, inside, 'y', float, outside, 'narrows', metadata('predict')]);
    assert.deepEqual(told('encoder'), ['x', float, inside, 't', float, between, 'narrows', metadata('encoder')]);
    assert.deepEqual(told('decoder'), ['t', float, between, 'y', float, outside, 'narrows', metadata('decoder')]);
  });
});

test('the same model gives the same bytes', () => {
  const stored = createRandomModel({ method: 'ednn', k: 1, activation: 'silu', layerNorm: true }, scaling);
  const again = unpackModel(packModel(stored));
  assert.deepEqual(bottleneckGraphs(stored, 1, about), bottleneckGraphs(again, 1, about));
});

test('a method or activation without an ONNX form is rejected by name', () => {
  const stored = createRandomModel({ method: 'ednn', k: 1, activation: 'elu', layerNorm: false }, scaling);
  const shape = stored.shape.with(0, { ...(stored.shape[0] as StoredModel['shape'][number]), activation: 'mish' as 'elu' });
  assert.throws(() => bottleneckGraphs({ ...stored, shape }, 1, about), {
    code: 'onnx-unsupported',
    message: /"mish" of layer 1/,
    fix: /npz/,
  });
  assert.throws(() => bottleneckGraphs({ ...stored, method: 'vae' as 'ednn' }, 1, about), {
    code: 'onnx-unsupported',
    message: /"vae"/,
  });
});
