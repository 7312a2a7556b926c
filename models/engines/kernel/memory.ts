/**
 * The kernel's memory: one shared WebAssembly.Memory for all threads of an engine. Threads take
 * arenas from it by one atomic counter and manage their own arenas alone, so that no lock is held
 * while training.
 */

/** WebAssembly pages of 64 KiB: one less than a 32-bit module can address, as the linker allows. */
export const MAXIMUM_PAGES = 65535;

const PAGE = 65536;
const ALIGN = 64;
const ARENA = 1 << 20;

/** The words before the first arena: word 0 counts the pages handed out. */
const COUNTER_BYTES = 64;

/** Thrown when the 4 GiB of a 32-bit module are used up. */
class KernelMemoryFull extends Error {
  constructor(bytes: number) {
    super(`the kernel's 4 GiB of memory cannot hold ${Math.ceil(bytes / 1048576)} MiB more`);
    this.name = 'KernelMemoryFull';
  }
}

export function createKernelMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 16, maximum: MAXIMUM_PAGES, shared: true });
}

/** One thread's view of the memory: first fit over its own arenas. */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly #counter: number;
  /** Free stretches, by address. */
  readonly #free: { start: number; bytes: number }[] = [];
  readonly #taken = new Map<number, number>();

  /** `heapBase`: first address above the module's static data; equal in every thread. */
  constructor(memory: WebAssembly.Memory, heapBase: number) {
    this.memory = memory;
    this.#counter = Math.ceil(heapBase / ALIGN) * ALIGN;
  }

  /** Address of `bytes` zeroed bytes, aligned to 64. */
  allocate(bytes: number): number {
    const wanted = Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
    const fits = (stretch: { bytes: number }) => stretch.bytes >= wanted;
    if (!this.#free.some(fits)) this.#extend(wanted);
    const place = this.#free.findIndex(fits);
    const stretch = this.#free[place] as { start: number; bytes: number };
    const { start } = stretch;
    stretch.start += wanted;
    stretch.bytes -= wanted;
    if (stretch.bytes === 0) this.#free.splice(place, 1);
    this.#taken.set(start, wanted);
    new Uint8Array(this.memory.buffer, start, wanted).fill(0);
    return start;
  }

  release(address: number): void {
    const bytes = this.#taken.get(address);
    if (bytes === undefined) return;
    this.#taken.delete(address);
    const at = this.#free.findIndex((stretch) => stretch.start > address);
    this.#free.splice(at < 0 ? this.#free.length : at, 0, { start: address, bytes });
    for (let i = this.#free.length - 1; i > 0; i--) {
      const low = this.#free[i - 1];
      const high = this.#free[i];
      if (low && high && low.start + low.bytes === high.start) {
        low.bytes += high.bytes;
        this.#free.splice(i, 1);
      }
    }
  }

  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, address, length);
  }

  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length);
  }

  #extend(bytes: number): void {
    const size = Math.ceil(Math.max(bytes, ARENA) / PAGE) * PAGE;
    const first = Math.ceil((this.#counter + COUNTER_BYTES) / PAGE) * PAGE;
    const pages = Atomics.add(new Int32Array(this.memory.buffer), this.#counter / 4, size / PAGE);
    const start = first + pages * PAGE;
    const end = start + size;
    if (end > MAXIMUM_PAGES * PAGE) {
      Atomics.sub(new Int32Array(this.memory.buffer), this.#counter / 4, size / PAGE);
      throw new KernelMemoryFull(bytes);
    }
    // Another thread may grow at the same time: ask only for what is still missing.
    for (;;) {
      const missing = end - this.memory.buffer.byteLength;
      if (missing <= 0) break;
      try {
        this.memory.grow(Math.ceil(missing / PAGE));
      } catch {
        if (this.memory.buffer.byteLength < end) throw new KernelMemoryFull(bytes);
      }
    }
    this.#free.push({ start, bytes: size });
    this.#free.sort((a, b) => a.start - b.start);
  }
}
