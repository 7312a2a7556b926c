/** Builds the kernel from its C source (`npm run build:kernel`); all builds are committed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILDS, type BuildName, fileOf, isNative } from './loader.ts';
import { MAXIMUM_PAGES } from './memory.ts';

/** The only compiler that gives the committed bytes: clang 22, with the linkers of all targets. */
const VERSION = '0.17.1';
/** Its package on PyPI. */
export const COMPILER_REQUIREMENT = `ziglang==${VERSION}`;

/** Commands that may start it. */
const CANDIDATES = [['zig'], ['python3', '-m', 'ziglang']] as const;

/** Multiply-adds are fused where the source says so; without signed zeros, x + 0 is x. */
const FLAGS = [
  ...['-std=gnu23', '-O3', '-ffp-contract=off', '-fno-math-errno', '-fno-signed-zeros', '-fno-builtin'],
  ...['-Wall', '-Wextra', '-Werror', '-Wl,--strip-all'],
];

/** No stack in memory, which the threads would share: code that needs one traps. */
const WASM_FLAGS = [
  ...['-target', 'wasm32-freestanding', '-nostdlib', '-Wl,--no-entry', '-Wl,-z,stack-size=0'],
  ...['-Wl,--import-memory', '-Wl,--shared-memory', '-Wl,--initial-memory=65536'],
  `-Wl,--max-memory=${MAXIMUM_PAGES * 65536}`,
];
const WASM_FEATURES = 'generic+simd128+bulk_memory+atomics';

/** Addons link the C library alone, of any version since 2.17 (2012). */
const ADDON_FLAGS = ['-shared', '-fPIC', '-fvisibility=hidden'];
const X86_FLAGS = [...ADDON_FLAGS, '-target', 'x86_64-linux-gnu.2.17', '-mprefer-vector-width=512'];

const BUILD_FLAGS: Readonly<Record<BuildName, readonly string[]>> = {
  'wasm-simd': [...WASM_FLAGS, `-mcpu=${WASM_FEATURES}`],
  'wasm-simd-relaxed': [...WASM_FLAGS, `-mcpu=${WASM_FEATURES}+relaxed_simd`],
  arm64: [...ADDON_FLAGS, '-target', 'aarch64-linux-gnu.2.17', '-mcpu=generic', '-DLANES=8'],
  'x86-64-v3': [...X86_FLAGS, '-mcpu=x86_64_v3', '-DLANES=8'],
  'x86-64-v4': [...X86_FLAGS, '-mcpu=x86_64_v4', '-DLANES=16'],
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

/** Undefined behaviour ends the process, in builds for tests. */
const CHECKED = ['-fsanitize=undefined', '-fsanitize-trap=undefined'];
const UNCHECKED = ['-fno-sanitize=all'];

const sourceOf = (name: string): URL => new URL(`./source/${name}`, import.meta.url);

/** Compiles one build and returns its bytes. Tests pass `checked`, and another kernel. */
export function compileKernel(build: BuildName, { checked = false, kernel = sourceOf('kernel.c') } = {}): Uint8Array {
  const flags = [...BUILD_FLAGS[build], ...(checked ? CHECKED : UNCHECKED)];
  return compile(flags, [kernel, sourceOf(isNative(build) ? 'addon.c' : 'wasm.c')]);
}

/** Compiles an addon for this machine and returns its bytes. */
export const compileAddon = (sources: readonly URL[]): Uint8Array => compile([...ADDON_FLAGS, ...UNCHECKED], sources);

/** Throws with the compiler's messages. */
function compile(flags: readonly string[], sources: readonly URL[]): Uint8Array {
  const compiler = findCompiler();
  if (compiler === null) throw new Error(`The kernel needs zig ${VERSION} to compile: pip install ${COMPILER_REQUIREMENT}`);
  const [command = '', ...options] = compiler;
  const directory = mkdtempSync(join(tmpdir(), 'narrows-kernel-'));
  try {
    const out = join(directory, 'kernel');
    execFileSync(command, [...options, 'cc', ...FLAGS, ...flags, ...sources.map((source) => fileURLToPath(source)), '-o', out], {
      stdio: 'inherit',
    });
    return readFileSync(out);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const build of BUILDS) {
    const bytes = compileKernel(build);
    writeFileSync(fileOf(build), bytes);
    console.log(`${build}  ${bytes.length} bytes`);
  }
}
