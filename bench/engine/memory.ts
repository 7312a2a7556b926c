/** Memory of a pack in its own process: `node bench/engine/memory.ts TRIALS` prints JSON. */
import { availableParallelism } from 'node:os';
import { readKernelBuild } from '../../infra/env.ts';
import { copyDataIn } from '../../models/engines/kernel/layout.ts';
import { enableWideVectors, instantiate, loadKernel } from '../../models/engines/kernel/loader.ts';
import { Arena, createKernelMemory } from '../../models/engines/kernel/memory.ts';
import { createKernelRuntime } from '../../models/engines/kernel/network.ts';
import { runTrial } from '../../models/training/run-trial.ts';
import { CASES, type Case, configurationOf, syntheticData, tasksOf } from './cases.ts';
import { packSeconds, withEngine } from './narrows.ts';

const MIB = 1048576;
const workload = CASES[1] as Case;
const data = syntheticData(workload.inputs, workload.outputs);
const configuration = { ...configurationOf(workload), epochs: 1 };

/** Growth of WebAssembly memory [MiB] after one and two trials, on a thread with the data. */
function measureWasmGrowth(): number[] {
  enableWideVectors();
  const { module } = loadKernel(readKernelBuild());
  const memory = createKernelMemory();
  const newArena = () => new Arena(memory, instantiate(module, memory).heapBase());
  const placed = copyDataIn(newArena(), data);
  const arena = newArena();
  const before = memory.buffer.byteLength;
  return tasksOf(configuration, 2).map((task) => {
    const runtime = createKernelRuntime({ module, memory, arena, data, placed });
    const ignore = () => {};
    const hooks = {
      stop: () => false,
      now: () => performance.now() / 1000,
      checkpointSeconds: 60,
      progress: ignore,
      checkpoint: ignore,
    };
    runTrial(runtime, data, task, hooks);
    return (memory.buffer.byteLength - before) / MIB;
  });
}

const wasmMiB = measureWasmGrowth();
await withEngine(availableParallelism(), (engine) => packSeconds(engine, data, configuration, Number(process.argv[2])));
console.log(JSON.stringify({ wasmMiB, peakMiB: process.resourceUsage().maxRSS / 1024 }));
