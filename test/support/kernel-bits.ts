/**
 * Trains a network with each activation on each WebAssembly build and prints a hash of all weights.
 * It runs as a separate process, because the V8 flag applies to a whole process. Argument `joined`:
 * 256-bit vectors.
 */
import { createHash } from 'node:crypto';
import { enableWideVectors, isNative, loadKernel, runnableBuilds } from '../../models/engines/kernel/loader.ts';
import { createKernelMemory } from '../../models/engines/kernel/memory.ts';
import { createKernelRuntime } from '../../models/engines/kernel/network.ts';
import { ednn } from '../../models/methods/ednn.ts';
import { ACTIVATIONS } from '../../models/networks/activations.ts';
import { initialParameters } from '../../models/networks/initial.ts';
import { sumOf } from '../../models/vectors.ts';
import { noise } from './data.ts';

/** Enough steps for V8 to replace its unoptimised code. */
const STEPS = 300;

if (process.argv[2] === 'joined' && !enableWideVectors()) throw new Error('this version of V8 does not support 256-bit vectors');
const data = { x: noise(150, 5, 'x'), y: noise(150, 77, 'y') };
const order = Uint32Array.from({ length: 150 }, (_, i) => (i * 7) % 150);
for (const build of runnableBuilds().filter((name) => !isNative(name))) {
  for (const activation of ACTIVATIONS) {
    const runtime = createKernelRuntime({ module: loadKernel(build).module, memory: createKernelMemory(), data });
    const shape = ednn.layers(5, 77, {
      hidden: [49, 30],
      activation,
      k: 2,
      layerNorm: activation === 'gelu',
      dropout: activation === 'silu' ? 0.1 : 0,
    });
    const optimiser = { name: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01 } as const;
    const network = runtime.createNetwork(shape, { batch: 64, optimiser, seed: 1 });
    network.setParameters(initialParameters(shape, 1));
    for (let step = 0; step < STEPS; step++) network.train(order, step % 3, new Float64Array([0.003]));
    const hash = createHash('sha256');
    for (const { weights, bias } of network.parameters()) hash.update(weights).update(bias);
    console.log(build, activation, sumOf(network.squaredErrors(order)), hash.digest('hex'));
  }
}
