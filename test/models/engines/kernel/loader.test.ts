import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HEADER_WORDS, LAYER_WORDS } from '../../../../models/engines/kernel/layout.ts';
import { type BuildName, chooseBuild, isNative, loadKernel, runnableBuilds } from '../../../../models/engines/kernel/loader.ts';
import { createKernelMemory } from '../../../../models/engines/kernel/memory.ts';
import { createKernelRuntime } from '../../../../models/engines/kernel/network.ts';
import { initialParameters } from '../../../../models/networks/initial.ts';
import type { NetworkShape } from '../../../../models/networks/network.ts';
import { noise } from '../../../support/data.ts';

const SHAPE: NetworkShape = [
  { inputs: 3, outputs: 5, activation: 'gelu', bias: true, normalised: true, dropout: 0.1 },
  { inputs: 5, outputs: 4, activation: 'linear', bias: true },
];
const TRAINING = {
  batch: 8,
  optimiser: { name: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0 },
  seed: 1,
} as const;
const ROWS = 20;

/** A network in memory, with the address of its header. */
function allocate(build: BuildName) {
  const data = { x: noise(ROWS, 3, 'x'), y: noise(ROWS, 4, 'y') };
  const memory = createKernelMemory();
  const { module } = loadKernel(build);
  const runtime = createKernelRuntime({ module, memory, data });
  const addresses: number[] = [];
  const allocateOne = runtime.arena.allocate.bind(runtime.arena);
  runtime.arena.allocate = (bytes) => {
    const address = allocateOne(bytes);
    if (bytes === 4 * (HEADER_WORDS.length + LAYER_WORDS.length * SHAPE.length)) addresses.push(address);
    return address;
  };
  const network = runtime.createNetwork(SHAPE, TRAINING);
  network.setParameters(initialParameters(SHAPE, 1));
  return { ...runtime, network, net: addresses[0] as number, size: memory.buffer.byteLength };
}

test('the fastest build that runs here is chosen; an unknown one is refused by name', () => {
  const builds = runnableBuilds();
  assert.equal(builds[0], 'wasm-simd');
  assert.equal(chooseBuild(), builds.at(-1));
  assert.match(loadKernel().name, new RegExp(`^${builds.at(-1)}/[0-9a-f]{8}$`));
  assert.throws(() => loadKernel('vax' as BuildName), /unknown kernel build 'vax'/);
});

for (const build of runnableBuilds().filter(isNative)) {
  describe(`${build} checks each call once`, () => {
    test('a word of a network that leads out of the memory is refused, and nothing is written', () => {
      const { arena, kernel, network, net, size } = allocate(build);
      const order = arena.allocate(4 * ROWS);
      const before = network.parameters();
      const words = arena.words(net, HEADER_WORDS.length + LAYER_WORDS.length * SHAPE.length);
      const evaluate = () => kernel.evaluate(net, order, 4);
      const [header, layer] = [HEADER_WORDS, LAYER_WORDS] as readonly (readonly string[])[];
      const wordOf = (name: string) => header?.indexOf(name) ?? -1;
      const layerWordOf = (name: string) => HEADER_WORDS.length + (layer?.indexOf(name) ?? -1);
      const places = [
        ...['THETA', 'GRADIENT', 'FIRST', 'SECOND', 'COUNT', 'ROWS', 'X', 'X_STRIDE', 'Y', 'Y_STRIDE'].map(wordOf),
        ...['DELTA_A', 'DELTA_B', 'PANEL', 'INPUT', 'ERRORS', 'LAYERS', 'BATCH'].map(wordOf),
        ...['IN', 'OUT', 'INPUTS', 'UNITS', 'WEIGHTS', 'BIAS', 'OUTPUT', 'DERIVATIVE', 'NORMALISED', 'INVERSES', 'GAIN'].map(
          layerWordOf,
        ),
      ];
      evaluate();
      for (const place of places) {
        assert.ok(place >= 0);
        const kept = words[place] as number;
        for (const wrong of [size - 4, 0xfffffffc]) {
          words[place] = wrong;
          assert.throws(evaluate, RangeError, `word ${place} = ${wrong}`);
        }
        words[place] = kept;
      }
      evaluate();
      assert.deepEqual(network.parameters(), before);
    });

    test('rows that the data do not have, and arguments out of bounds, are refused', () => {
      const { arena, kernel, net, size } = allocate(build);
      const order = arena.allocate(4 * ROWS);
      const rates = arena.allocate(8 * 4);
      const train = (changes: { order?: number; total?: number; first?: number; count?: number; rates?: number } = {}) => {
        const call = { order, total: ROWS, first: 0, count: 3, rates, ...changes };
        return kernel.train(net, call.order, call.total, call.first, call.count, call.rates, 0);
      };
      assert.ok(Number.isFinite(train()));
      for (const wrong of [
        { order: size - 4 },
        { order: order + 2 },
        { total: -1 },
        { total: 2 ** 31 },
        { first: -1 },
        { count: -1 },
        { count: 2 ** 30 },
        { rates: size - 8 },
        { rates: Number.NaN },
      ]) {
        assert.throws(() => train(wrong), RangeError, JSON.stringify(wrong));
      }
      for (const address of [-8, size, 4, 2 ** 32]) {
        assert.throws(() => kernel.evaluate(address, order, 4), RangeError, `network at ${address}`);
      }
      assert.throws(() => kernel.evaluate(net, order, 9), RangeError, 'more than a batch');
      assert.throws(() => kernel.powersOfTwo(size - 64, 32), RangeError);
      assert.throws(() => kernel.multiplyAdds(size - 64, 1), RangeError);
      arena.words(order, 1)[0] = ROWS;
      assert.throws(() => train(), RangeError);
      assert.throws(() => kernel.evaluate(net, order, 1), RangeError);
    });
  });
}
