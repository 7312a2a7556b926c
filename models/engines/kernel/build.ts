/** Builds the kernel from its C source (`npm run build:kernel`); all builds are committed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILDS, type BuildName } from './loader.ts';
import { MAXIMUM_PAGES } from './memory.ts';

/** The only compiler that gives the committed bytes: clang 22, with the linkers of all targets. */
export const COMPILER = 'zig 0.17.1 (pip install ziglang==0.17.1)';
const VERSION = '0.17.1';

/** Commands that may start it. */
const CANDIDATES = [['zig'], ['python3', '-m', 'ziglang']] as const;

/** Without signed zeros: x + 0 is x. Nothing else that changes values is allowed. */
const FLAGS = ['-std=c23', '-O3', '-Wall', '-Wextra', '-Werror', '-fno-sanitize=all', '-fno-math-errno', '-fno-signed-zeros'];

/** No stack in memory, which the threads would share: code that needs one traps. */
const WASM_FLAGS = [
  ...['-target', 'wasm32-freestanding', '-nostdlib', '-Wl,--no-entry', '-Wl,--strip-all', '-Wl,-z,stack-size=0'],
  ...['-Wl,--import-memory', '-Wl,--shared-memory', '-Wl,--initial-memory=65536'],
  `-Wl,--max-memory=${MAXIMUM_PAGES * 65536}`,
];
const WASM_FEATURES = 'generic+simd128+bulk_memory+atomics';

/** Relaxed SIMD may fuse multiply-adds; the other build rounds twice, everywhere alike. */
const BUILD_FLAGS: Readonly<Record<BuildName, readonly string[]>> = {
  'wasm-simd': [...WASM_FLAGS, `-mcpu=${WASM_FEATURES}`, '-ffp-contract=off'],
  'wasm-simd-relaxed': [...WASM_FLAGS, `-mcpu=${WASM_FEATURES}+relaxed_simd`, '-ffp-contract=off'],
};

/** Returns the command of the pinned compiler, or null where it is not installed. */
export function findCompiler(): readonly string[] | null {
  const found = CANDIDATES.find(([command, ...options]) => {
    try {
      return execFileSync(command, [...options, 'version'], { encoding: 'utf8', stdio: 'pipe' }).trim() === VERSION;
    } catch {
      return false;
    }
  });
  return found ?? null;
}

/** Compiles one build and returns its bytes. Throws with the compiler's messages. */
export function compileKernel(build: BuildName): Uint8Array {
  const compiler = findCompiler();
  if (compiler === null) throw new Error(`The kernel needs ${COMPILER} to compile.`);
  const [command = '', ...options] = compiler;
  const directory = mkdtempSync(join(tmpdir(), 'narrows-kernel-'));
  try {
    const out = join(directory, 'kernel');
    const sources = ['kernel.c', 'wasm.c'].map((name) => fileURLToPath(new URL(`./source/${name}`, import.meta.url)));
    execFileSync(command, [...options, 'cc', ...FLAGS, ...BUILD_FLAGS[build], ...sources, '-o', out], { stdio: 'inherit' });
    return readFileSync(out);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const build of BUILDS) {
    const bytes = compileKernel(build);
    writeFileSync(new URL(`./${build}.wasm`, import.meta.url), bytes);
    console.log(`${build}.wasm  ${bytes.length} bytes`);
  }
}
