/**
 * TensorFlow.js on its native library, by narrows' own stacked networks: all trials in batched
 * products with hand-written gradients and Adam, which is far faster than its layers one trial at a
 * time. Same protocol as the Python peers. Without a native library it answers how to build one.
 */

import { createInterface } from 'node:readline';
import { readEnvironment } from '../../infra/env.ts';
import { tensorflowFolder } from '../../infra/worker/tensorflow-folder.ts';
import { loadTensorflow, NATIVE_FLAVOURS, type Tensorflow } from '../../models/engines/tfjs/load.ts';
import { copyToDevice, StackedNetworks } from '../../models/engines/tfjs/stack.ts';
import { ednn } from '../../models/methods/ednn.ts';
import { initialParameters, zeroParameters } from '../../models/networks/initial.ts';
import { ROWS, syntheticData } from '../engine/cases.ts';
import { NO_NATIVE, whereNative } from '../engine/native.ts';
import type { PeerAnswer, PeerCase, PeerUnavailable } from './peer.ts';

function answer({ tf, flavour, version, gpu }: Tensorflow, { shape: widths, batch, trials, epochs }: PeerCase): PeerAnswer {
  const [inputs, width, , k] = widths as [number, number, number, number];
  const data = syntheticData(inputs, widths.at(-1) as number);
  const shape = ednn.layers(data.x.columns, data.y.columns, {
    hidden: [width, width],
    k,
    activation: 'elu',
    layerNorm: false,
    dropout: 0,
  });
  const optimiser = { name: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 } as const;
  const members = Array.from({ length: trials }, (_, seed) => ({ shape, training: { batch, optimiser, seed } }));
  const device = copyToDevice(tf, data);
  const stack = new StackedNetworks(tf, device, members);
  const everyone = members.map((_, member) => member);
  stack.setParameters(
    everyone,
    members.map(({ training }) => [initialParameters(shape, training.seed)]),
  );
  const zero = zeroParameters(shape);
  stack.setOptimiserState(
    everyone,
    members.map(() => [{ step: 0, first: zero, second: zero }]),
  );
  const steps = ROWS / batch;
  /** Trains some steps; returns the loss of each trial, a mean over their rows. */
  const train = (count: number): number[] => {
    const rates = new Float64Array(count).fill(1e-3);
    const sums = stack.train(
      everyone,
      everyone.map(() => [data.rows.train, 0, rates]),
    );
    return sums.map((sum) => sum / (count * batch));
  };
  const before = train(2);
  const from = performance.now();
  let after = before;
  for (let epoch = 0; epoch < epochs; epoch++) after = train(steps);
  const seconds = (performance.now() - from) / 1000;
  stack.dispose();
  tf.dispose([device.x, device.y]);
  const losses = before.map((loss, trial): [number, number] => [loss, after[trial] as number]);
  return { seconds, compileSeconds: 0, version: `${flavour} ${version}${gpu ? ' on the GPU' : ''}`, losses };
}

const tensorflow = await whereNative(() => loadTensorflow(tensorflowFolder(readEnvironment()), NATIVE_FLAVOURS));
for await (const line of createInterface({ input: process.stdin })) {
  const reply: PeerAnswer | PeerUnavailable = tensorflow ? answer(tensorflow, JSON.parse(line) as PeerCase) : NO_NATIVE;
  console.log(JSON.stringify(reply));
}
