/** An arena whose blocks end, or begin, at bytes without access: touching them ends the process. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compileAddon } from '../../../models/engines/kernel/build.ts';
import { Arena } from '../../../models/engines/kernel/memory.ts';

/** A multiple of the pages of every system. */
const PAGE = 65536;

/** Makes bytes of a memory inaccessible, or accessible again. */
export type Protect = (memory: Uint8Array, offset: number, bytes: number, accessible: number) => number;

/** Builds the addon that protects memory in a folder. Needs the compiler. */
export function buildProtect(folder: string): string {
  const path = join(folder, 'guard.node');
  writeFileSync(path, compileAddon([new URL('./guard.c', import.meta.url)]));
  return path;
}

export const loadProtect = (path: string): Protect => createRequire(import.meta.url)(path).protect;

export class GuardedArena extends Arena {
  readonly #protect: Protect;
  /** Whether the end of a block is at the guard, else its start. */
  readonly #atEnd: boolean;
  /** Start of the whole stretch and offsets of its guards, by address of the block. */
  readonly #stretches = new Map<number, { whole: number; guards: readonly [number, number] }>();

  constructor(memory: WebAssembly.Memory, heapBase: number, protect: Protect, atEnd: boolean) {
    super(memory, heapBase);
    this.#protect = protect;
    this.#atEnd = atEnd;
  }

  override allocate(bytes: number): number {
    const wanted = Math.max(8, Math.ceil(bytes / 8) * 8);
    const pages = Math.ceil(wanted / PAGE) * PAGE;
    const size = this.memory.buffer.byteLength;
    const whole = super.allocate(pages + 3 * PAGE);
    // A memory that grows becomes accessible as a whole.
    if (this.memory.buffer.byteLength !== size) {
      for (const { guards } of this.#stretches.values()) this.#setAccess(guards, 0);
    }
    const before = Math.ceil(whole / PAGE) * PAGE;
    const after = before + PAGE + pages;
    this.#setAccess([before, after], 0);
    const address = this.#atEnd ? after - wanted : before + PAGE;
    this.#stretches.set(address, { whole, guards: [before, after] });
    return address;
  }

  override release(address: number): void {
    const stretch = this.#stretches.get(address);
    if (stretch === undefined) return;
    this.#stretches.delete(address);
    this.#setAccess(stretch.guards, 1);
    super.release(stretch.whole);
  }

  releaseAll(): void {
    for (const address of [...this.#stretches.keys()]) this.release(address);
  }

  #setAccess(guards: readonly number[], accessible: number): void {
    const bytes = new Uint8Array(this.memory.buffer);
    for (const guard of guards) {
      if (this.#protect(bytes, guard, PAGE, accessible) !== 0) throw new Error('the system does not protect this memory');
    }
  }
}
