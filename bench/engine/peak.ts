/** Peak of one core in the kernel's build: GFLOP/s of multiply-adds without memory access. */
import { readKernelBuild } from '../../infra/env.ts';
import { enableWideVectors, instantiate, loadKernel, relaxedMultiplyAddIsFused } from '../../models/engines/kernel/loader.ts';
import { Arena, createKernelMemory } from '../../models/engines/kernel/memory.ts';

const ROUNDS = 2_000_000;

/**
 * Lets V8 optimise the loop. Returns a function that measures GFLOP/s as the best of several calls,
 * or null where multiply-adds are not fused.
 */
export function preparePeak(): (() => number) | null {
  if (!relaxedMultiplyAddIsFused()) return null;
  enableWideVectors();
  const memory = createKernelMemory();
  const kernel = instantiate(loadKernel(readKernelBuild()).module, memory);
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
