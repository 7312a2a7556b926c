/** Finds the kernel's builds, chooses the one that this machine runs, and names it. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { sha256Of } from '../../../platform.ts';
import { isProcessor, type Processor } from './processor.ts';

/** Builds of the same source, from the slowest to the fastest; results name their build. */
export const BUILDS = ['wasm-simd', 'wasm-simd-relaxed', 'arm64', 'x86-64-v3', 'x86-64-v4'] as const;
export type BuildName = (typeof BUILDS)[number];

/** Features as Linux names them: those of x86-64-v3, and what v4 adds. */
const AVX2 = ['avx2', 'fma', 'bmi1', 'bmi2', 'f16c', 'movbe', 'abm'];
const AVX512 = ['avx512f', 'avx512bw', 'avx512cd', 'avx512dq', 'avx512vl'];

/** Native builds: the architecture of their processors, and the features that they need. */
const NATIVE: Readonly<Partial<Record<BuildName, Processor>>> = {
  'x86-64-v3': { architecture: 'x64', features: AVX2 },
  'x86-64-v4': { architecture: 'x64', features: [...AVX2, ...AVX512] },
  // Every 64-bit ARM processor has NEON.
  arm64: { architecture: 'arm64', features: [] },
};

export const isNative = (build: BuildName): boolean => build in NATIVE;

/** File of a build: a WebAssembly module, or an addon. */
export const fileOf = (build: BuildName): URL =>
  new URL(isNative(build) ? `./linux-${build}.node` : `./${build}.wasm`, import.meta.url);

/** Functions of the kernel, see source/kernel.c. */
export interface KernelFunctions {
  train(net: number, order: number, total: number, first: number, count: number, rates: number, step: number): number;
  evaluate(net: number, order: number, n: number): void;
  evaluateInput(net: number, order: number, n: number): void;
  parameterGradient(net: number, order: number, n: number, step: number): number;
  inputGradient(net: number, order: number, n: number, scale: number): number;
  powersOfTwo(address: number, n: number): void;
  /** Runs the loop that shows the processor's peak on 12 vectors; returns its operations. */
  multiplyAdds(address: number, rounds: number): number;
}

export interface KernelExports extends KernelFunctions {
  /** The first address that the host may use. */
  heapBase(): number;
}

/** The kernel as threads receive it: a compiled module, or the addon that each of them loads. */
export type KernelModule = WebAssembly.Module | { readonly addon: string };

export interface KernelBuild {
  /** e.g. 'x86-64-v4/3f2a9c01'. */
  readonly name: string;
  readonly module: KernelModule;
}

/** A module of one function over relaxed_madd, which shows whether the machine fuses it. */
const FUSED_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 125, 125, 125, 1, 125, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 22, 1, 20, 0, 32, 0,
  253, 19, 32, 1, 253, 19, 32, 2, 253, 19, 253, 133, 2, 253, 31, 0, 11,
]);

/** Whether relaxed_madd rounds once here; null without relaxed SIMD. */
function relaxedMultiplyAddIsFused(): boolean | null {
  if (!WebAssembly.validate(FUSED_PROBE)) return null;
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(FUSED_PROBE)).exports as {
    f: (a: number, b: number, c: number) => number;
  };
  // (1 + 2^-12)^2 - (1 + 2^-11) is 2^-24 with one rounding and 0 with two.
  return f(1 + 2 ** -12, 1 + 2 ** -12, -(1 + 2 ** -11)) !== 0;
}

const loadAddon = createRequire(import.meta.url);

/** Whether this machine runs a build: a native one whose file cannot be loaded counts as not. */
function runs(build: BuildName): boolean {
  if (build === 'wasm-simd') return true;
  if (build === 'wasm-simd-relaxed') return relaxedMultiplyAddIsFused() === true;
  const processor = NATIVE[build];
  if (processor === undefined || !isProcessor(processor)) return false;
  try {
    loadAddon(fileURLToPath(fileOf(build)));
    return true;
  } catch {
    return false;
  }
}

/** Returns the builds that run here, from the slowest to the fastest. */
export const runnableBuilds = (): BuildName[] => BUILDS.filter(runs);

/** Returns the fastest build that runs here. */
export const chooseBuild = (): BuildName => BUILDS.findLast(runs) ?? 'wasm-simd';

/** Returns the fastest build that runs here in a sandbox. */
export const chooseSandboxedBuild = (): BuildName => BUILDS.findLast((build) => !isNative(build) && runs(build)) ?? 'wasm-simd';

/** V8 of Node 24, which package.json pins. */
const TESTED_V8 = '13.';

/**
 * Enables V8 to join pairs of 128-bit operations into one of 256 bits where the machine has AVX2:
 * the same bits at nearly twice the speed (docs/decisions/0005-wide-vectors.md). To be called
 * before a kernel is compiled. Has no effect under an untested V8, or on other processors, whose V8
 * lacks the flag. Returns whether it had one.
 */
export function enableWideVectors(): boolean {
  const tested = process.arch === 'x64' && process.versions.v8.startsWith(TESTED_V8);
  if (tested) setFlagsFromString('--experimental-wasm-revectorize');
  return tested;
}

/** Loads a build. Throws where the machine cannot run it. */
export function loadKernel(build: BuildName = chooseBuild()): KernelBuild {
  if (!BUILDS.includes(build)) throw new Error(`unknown kernel build '${build}': use one of ${BUILDS.join(', ')}`);
  if (!runs(build))
    throw new Error(`this machine cannot run the kernel build '${build}': use one of ${runnableBuilds().join(', ')}`);
  const bytes = new Uint8Array(readFileSync(fileOf(build)));
  const module = isNative(build) ? { addon: fileURLToPath(fileOf(build)) } : new WebAssembly.Module(bytes);
  return { name: `${build}/${sha256Of(bytes).slice(0, 8)}`, module };
}

/** Whether native code crashed: the call ended, and the thread continues. See source/fault.h. */
export const isKernelFault = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_KERNEL_FAULT';

/** The functions of an addon take the memory before their arguments. */
type AddonFunctions = {
  [Name in keyof KernelFunctions]: (
    memory: Uint8Array,
    ...values: Parameters<KernelFunctions[Name]>
  ) => ReturnType<KernelFunctions[Name]>;
};

/** Makes the kernel of the calling thread, on a memory that all threads share. */
export function instantiate(module: KernelModule, memory: WebAssembly.Memory): KernelExports {
  if (!('addon' in module)) return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
  const addon: AddonFunctions = loadAddon(module.addon);
  // Its address stays, but its size grows.
  let bytes = new Uint8Array(memory.buffer);
  const current = () => {
    const { buffer } = memory;
    if (bytes.byteLength !== buffer.byteLength) bytes = new Uint8Array(buffer);
    return bytes;
  };
  return {
    heapBase: () => 0,
    train: (...values) => addon.train(current(), ...values),
    evaluate: (...values) => addon.evaluate(current(), ...values),
    evaluateInput: (...values) => addon.evaluateInput(current(), ...values),
    parameterGradient: (...values) => addon.parameterGradient(current(), ...values),
    inputGradient: (...values) => addon.inputGradient(current(), ...values),
    powersOfTwo: (...values) => addon.powersOfTwo(current(), ...values),
    multiplyAdds: (...values) => addon.multiplyAdds(current(), ...values),
  };
}
