/** Builds the kernel's WebAssembly modules (`npm run build:kernel`); both are committed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { BUILDS, type BuildName } from './loader.ts';
import { MAXIMUM_PAGES } from './memory.ts';

/** Compiles one build and returns its bytes. Throws with the compiler's messages. */
export async function compileKernel(build: BuildName): Promise<Uint8Array> {
  const features = build === 'wasm-simd-relaxed' ? 'simd,relaxed-simd,threads,bulk-memory' : 'simd,threads,bulk-memory';
  const directory = mkdtempSync(join(tmpdir(), 'narrows-kernel-'));
  try {
    const out = join(directory, 'kernel.wasm');
    const source = fileURLToPath(new URL('./assembly/index.ts', import.meta.url));
    const { error, stderr } = await asc.main([
      source,
      ...['--outFile', out, '-O3', '--noAssert', '--runtime', 'stub', '--enable', features],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', String(MAXIMUM_PAGES)],
    ]);
    if (error) throw new Error(`The kernel does not compile:\n${stderr.toString()}`);
    return readFileSync(out);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const build of BUILDS) {
    const bytes = await compileKernel(build);
    writeFileSync(new URL(`./${build}.wasm`, import.meta.url), bytes);
    console.log(`${build}.wasm  ${bytes.length} bytes`);
  }
}
