/** Finds the kernel's modules, chooses the build that this machine runs, and names it. */

import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { sha256Of } from '../../../platform.ts';

/** Two builds of the same source; results name the one that made them. */
export const BUILDS = ['wasm-simd', 'wasm-simd-relaxed'] as const;
export type BuildName = (typeof BUILDS)[number];

/** Functions of the kernel, see source/kernel.c. */
export interface KernelExports {
  heapBase(): number;
  train(net: number, order: number, total: number, first: number, count: number, rates: number, step: number): number;
  evaluate(net: number, order: number, n: number): void;
  evaluateInput(net: number, order: number, n: number): void;
  parameterGradient(net: number, order: number, n: number, step: number): number;
  inputGradient(net: number, order: number, n: number, scale: number): number;
  exponentials(address: number, n: number): void;
  /** Runs the loop that shows the processor's peak on 12 vectors; returns its operations. */
  multiplyAdds(address: number, rounds: number): number;
}

export interface KernelBuild {
  /** e.g. 'wasm-simd-relaxed/3f2a9c01'; '+fma' where the machine fuses relaxed multiply-add. */
  readonly name: string;
  readonly module: WebAssembly.Module;
}

function readBuild(build: BuildName): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`./${build}.wasm`, import.meta.url)));
}

/** A module of one function over relaxed_madd, which shows whether the machine fuses it. */
const FUSED_PROBE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 125, 125, 125, 1, 125, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 22, 1, 20, 0, 32, 0,
  253, 19, 32, 1, 253, 19, 32, 2, 253, 19, 253, 133, 2, 253, 31, 0, 11,
]);

/** Whether relaxed_madd rounds once here; null without relaxed SIMD. */
export function relaxedMultiplyAddIsFused(): boolean | null {
  if (!WebAssembly.validate(FUSED_PROBE)) return null;
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(FUSED_PROBE)).exports as {
    f: (a: number, b: number, c: number) => number;
  };
  // (1 + 2^-12)^2 - (1 + 2^-11) is 2^-24 with one rounding and 0 with two.
  return f(1 + 2 ** -12, 1 + 2 ** -12, -(1 + 2 ** -11)) !== 0;
}

/** Returns the fastest build that runs here. */
export function chooseBuild(): BuildName {
  return relaxedMultiplyAddIsFused() ? 'wasm-simd-relaxed' : 'wasm-simd';
}

/** V8 of Node 24, which package.json pins. */
const TESTED_V8 = '13.';

/**
 * Enables V8 to join pairs of 128-bit operations into one of 256 bits where the machine has AVX2:
 * the same bits at nearly twice the speed (docs/decisions/0005-wide-vectors.md). To be called
 * before a kernel is compiled. Has no effect under an untested V8. Returns whether it had one.
 */
export function enableWideVectors(): boolean {
  const tested = process.versions.v8.startsWith(TESTED_V8);
  if (tested) setFlagsFromString('--experimental-wasm-revectorize');
  return tested;
}

/** Compiles a build. Throws where the machine cannot run it. */
export function loadKernel(build: BuildName = chooseBuild()): KernelBuild {
  if (!BUILDS.includes(build)) throw new Error(`unknown kernel build '${build}': use one of ${BUILDS.join(', ')}`);
  const bytes = readBuild(build);
  const hash = sha256Of(bytes).slice(0, 8);
  return { name: `${build}/${hash}`, module: new WebAssembly.Module(bytes) };
}

export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  return new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as KernelExports;
}
