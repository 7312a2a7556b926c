/** Peaks of one core by build: GFLOP/s of multiply-adds without memory access. */
import { readKernelBuild } from '../../infra/env.ts';
import {
  type BuildName,
  chooseSandboxedBuild,
  enableWideVectors,
  instantiate,
  loadKernel,
  runnableBuilds,
} from '../../models/engines/kernel/loader.ts';
import { Arena, createKernelMemory } from '../../models/engines/kernel/memory.ts';
import { digits, median } from '../statistics.ts';

const ROUNDS = 2_000_000;

/** Lets V8 optimise the loop. Returns a function that measures GFLOP/s, the best of its calls. */
function preparePeak(build: BuildName): () => number {
  enableWideVectors();
  const memory = createKernelMemory();
  const kernel = instantiate(loadKernel(build).module, memory);
  const values = new Arena(memory, kernel.heapBase()).allocate(1024);
  // V8 replaces code with optimised code between calls, never within one.
  for (let call = 0; call < 300; call++) kernel.multiplyAdds(values, ROUNDS / 100);
  return () => {
    let best = 0;
    for (let call = 0; call < 20; call++) {
      const from = performance.now();
      const operations = kernel.multiplyAdds(values, ROUNDS);
      best = Math.max(best, operations / 1e6 / (performance.now() - from));
    }
    return best;
  };
}

export interface Peaks {
  /** Measures every build once; to be called between the turns. */
  readonly measure: () => void;
  /** Median of the build that trains. */
  readonly ofBuild: () => number;
  /** The most that a build reaches here: the peak of the processor. */
  readonly ofProcessor: () => number;
  /** Medians by width of the vectors; null where no such build runs. */
  readonly byVectors: () => { avx512: number | null; avx2: number | null; wasm: number | null };
}

export function preparePeaks(): Peaks {
  const trains = readKernelBuild();
  const sandboxed = chooseSandboxedBuild();
  const builds = runnableBuilds().filter((build) => build.startsWith('x86-64-'));
  const loops = new Map([...new Set([...builds, sandboxed, trains])].map((build) => [build, preparePeak(build)]));
  const turns = new Map<BuildName, number[]>();
  const medianOf = (build: BuildName): number | null => {
    const measured = turns.get(build);
    return measured === undefined ? null : digits(median(measured));
  };
  return {
    measure: () => {
      for (const [build, loop] of loops) turns.set(build, [...(turns.get(build) ?? []), loop()]);
    },
    ofBuild: () => medianOf(trains) ?? Number.NaN,
    ofProcessor: () => Math.max(...[...loops.keys()].map((build) => medianOf(build) ?? 0)),
    byVectors: () => ({ avx512: medianOf('x86-64-v4'), avx2: medianOf('x86-64-v3'), wasm: medianOf(sandboxed) }),
  };
}
