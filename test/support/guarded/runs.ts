/** Runs random shapes on checked builds of the kernel in processes of their own. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileKernel } from '../../../models/engines/kernel/build.ts';
import { type BuildName, isNative, runnableBuilds } from '../../../models/engines/kernel/loader.ts';
import { buildProtect } from './arena.ts';

const PROGRAM = fileURLToPath(new URL('./shapes.ts', import.meta.url));

export interface GuardedRun {
  /** Numbers of the shapes that ended the process, with its last words. */
  readonly findings: { readonly build: BuildName; readonly shape: number; readonly end: string }[];
  readonly builds: readonly BuildName[];
}

/** Trains shapes 0 .. count - 1 on every native build of this machine. */
export function runGuardedShapes(folder: string, seed: number, count: number): GuardedRun {
  const guard = buildProtect(folder);
  const builds = runnableBuilds().filter(isNative);
  const findings: GuardedRun['findings'][number][] = [];
  for (const build of builds) {
    const addon = buildChecked(folder, build);
    for (let first = 0; first < count; ) {
      const { status, signal, stdout, stderr } = runShapes(addon, guard, [seed, first, count - first]);
      if (status === 0) break;
      const shape = Number(stdout.trim().split('\n').at(-1));
      findings.push({ build, shape, end: signal ?? stderr.trim().split('\n').slice(-8).join(' ') });
      first = shape + 1;
    }
  }
  return { findings, builds };
}

/** Compiles a checked build into a folder and returns its path. */
export function buildChecked(folder: string, build: BuildName): string {
  const path = join(folder, `${build}.node`);
  writeFileSync(path, compileKernel(build, { checked: true }));
  return path;
}

export const runShapes = (addon: string, guard: string, values: readonly (number | string)[]) =>
  spawnSync(process.execPath, [PROGRAM, addon, guard, ...values.map(String)], { encoding: 'utf8', maxBuffer: 1 << 26 });
