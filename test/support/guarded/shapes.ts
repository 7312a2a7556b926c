/**
 * Trains networks of random shapes on a checked build of the kernel, every block of memory between
 * guards: `node shapes.ts ADDON GUARD SEED FIRST COUNT`. Prints the number of each shape
 * before it is trained; a wrong access or undefined behaviour ends the process. A last argument
 * `wrong` reads beyond a block, which must end the process too.
 */
import { writeSync } from 'node:fs';
import { instantiate } from '../../../models/engines/kernel/loader.ts';
import { createKernelMemory } from '../../../models/engines/kernel/memory.ts';
import { createKernelRuntime } from '../../../models/engines/kernel/network.ts';
import { ACTIVATIONS } from '../../../models/networks/activations.ts';
import { initialParameters, zeroParameters } from '../../../models/networks/initial.ts';
import { type DenseLayer, OPTIMISERS } from '../../../models/networks/network.ts';
import { stream } from '../../../models/random.ts';
import { noise } from '../data.ts';
import { ReferenceNetwork } from '../reference-network.ts';
import { GuardedArena, loadProtect } from './arena.ts';

const [addon = '', guard = '', seed = '1', first = '0', count = '1', wrong] = process.argv.slice(2);
const protect = loadProtect(guard);
const memory = createKernelMemory();
const endingAtGuards = new GuardedArena(memory, 0, protect, true);
const beginningAtGuards = new GuardedArena(memory, 0, protect, false);
/** Weights times rows up to which the float64 reference computes the gradient too. */
const COMPARED = 200_000;

if (wrong !== undefined) readBeyondBlock();
for (let index = Number(first); index < Number(first) + Number(count); index++) {
  writeSync(1, `${index}\n`);
  trainShape(index);
}

/** Reads one vector more than a block has. */
function readBeyondBlock(): void {
  const module = { addon };
  instantiate(module, memory).powersOfTwo(endingAtGuards.allocate(4 * 32), 64);
}

function trainShape(index: number): void {
  const { uniform } = stream(Number(seed), `shape ${index}`);
  const below = (n: number) => Math.floor(uniform() * n);
  /** From 1 to `most`, small ones as often as large ones. */
  const upTo = (most: number) => Math.max(1, Math.round(most ** uniform()));
  const depth = 1 + below(6);
  const widths = Array.from({ length: depth + 1 }, () => upTo(depth > 3 ? 128 : 512));
  const rows = upTo(300);
  const batch = upTo(1024);
  const shape: DenseLayer[] = widths.slice(1).map((outputs, l) => ({
    inputs: widths[l] as number,
    outputs,
    activation: ACTIVATIONS[below(ACTIVATIONS.length)] ?? 'linear',
    bias: below(4) > 0,
    ...(below(3) === 0 && { normalised: true }),
    ...(below(3) === 0 && { dropout: uniform() * 0.9 }),
  }));
  const name = OPTIMISERS[below(OPTIMISERS.length)] ?? 'adam';
  const optimiser = { name, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: uniform() * 0.1 };
  const training = { batch, optimiser, seed: index };
  const data = { x: noise(rows, widths[0] as number, `x${index}`), y: noise(rows, widths[depth] as number, `y${index}`) };

  const module = { addon };
  const arena = index % 2 === 0 ? endingAtGuards : beginningAtGuards;
  const network = createKernelRuntime({ module, memory, arena, data }).createNetwork(shape, training);
  const parameters = initialParameters(shape, index);
  network.setParameters(parameters);
  network.setOptimiserState({ step: 0, first: zeroParameters(shape), second: zeroParameters(shape) });
  const order = Uint32Array.from({ length: rows }, () => below(rows));
  const some = order.subarray(0, Math.min(rows, batch));
  const dropoutStep = below(3) - 1;
  const gradient = network.parameterGradient(some, dropoutStep);
  const weights = shape.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  // A deviation over few units is near zero for some rows, and float32 far from float64.
  if (weights * some.length < COMPARED && shape.every(({ normalised, outputs }) => !normalised || outputs > 8)) {
    const reference = new ReferenceNetwork(data, shape, training);
    reference.setParameters(parameters);
    requireEqual(index, gradient, reference.gradient(some, dropoutStep).gradient);
  }
  network.train(order, 0, new Float64Array(Math.min(3, Math.ceil(rows / batch))).fill(1e-3));
  network.squaredErrors(order);
  network.evaluate(order, below(depth));
  network.inputGradient(noise(rows, widths[0] as number, 'z').data, order);
  network.dispose();
  arena.releaseAll();
}

/** Throws where a gradient differs from the reference, which shares no code with the kernel. */
function requireEqual(index: number, gradient: readonly object[], expected: readonly object[]): void {
  const flat = (layers: readonly object[]): number[] =>
    layers.flatMap((layer) => Object.values(layer).flatMap((part: ArrayLike<number>) => Array.from(part)));
  const [own, exact] = [flat(gradient), flat(expected)];
  let scale = 1e-6;
  let far = 0;
  for (const [i, value] of exact.entries()) {
    scale = Math.max(scale, Math.abs(value));
    far = Math.max(far, Math.abs(value - (own[i] ?? Number.NaN)));
  }
  if (!(far < 1e-2 * scale)) throw new Error(`shape ${index}: the gradient differs by ${far / scale}`);
}
