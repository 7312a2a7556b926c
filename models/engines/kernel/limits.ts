/** WebAssembly pages of 64 KiB: the most that a 32-bit module can address. */
export const MAXIMUM_PAGES = 65536;

/** Two builds of the same source; results name the one that made them. */
export const BUILDS = ['wasm-simd', 'wasm-simd-relaxed'] as const;
export type BuildName = (typeof BUILDS)[number];
