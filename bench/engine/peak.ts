/** Peak of one core from WebAssembly: GFLOP/s of a loop of multiply-adds without memory access. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { enableWideVectors, relaxedMultiplyAddIsFused } from '../../models/engines/kernel/loader.ts';

const ROUNDS = 2_000_000;

interface Loop {
  readonly OPERATIONS: { readonly value: number };
  loop(rounds: number): number;
}

async function compileLoop(): Promise<Uint8Array<ArrayBuffer>> {
  const directory = mkdtempSync(join(tmpdir(), 'narrows-peak-'));
  try {
    const out = join(directory, 'peak.wasm');
    const source = fileURLToPath(new URL('../peak/loop.ts', import.meta.url));
    const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd,relaxed-simd,bulk-memory'];
    const { error, stderr } = await asc.main([source, '--outFile', out, ...options]);
    if (error) throw new Error(`bench/peak/loop.ts does not compile:\n${stderr.toString()}`);
    return new Uint8Array(readFileSync(out));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Compiles the loop and lets V8 optimise it. Returns a function that measures GFLOP/s as the best
 * of several calls, or null where multiply-adds are not fused.
 */
export async function preparePeak(): Promise<(() => number) | null> {
  if (!relaxedMultiplyAddIsFused()) return null;
  enableWideVectors();
  const instance = new WebAssembly.Instance(new WebAssembly.Module(await compileLoop()), {});
  const { OPERATIONS, loop } = instance.exports as unknown as Loop;
  const gigaflops = (ROUNDS * OPERATIONS.value) / 1e9;
  // V8 replaces code with optimised code between calls, never within one.
  for (let call = 0; call < 300; call++) loop(ROUNDS / 100);
  return () => {
    let best = 0;
    for (let call = 0; call < 20; call++) {
      const from = performance.now();
      loop(ROUNDS);
      best = Math.max(best, gigaflops / ((performance.now() - from) / 1000));
    }
    return best;
  };
}
