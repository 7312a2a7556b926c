/** Bounds of a process that reads files from outside: they follow from the bytes of its input. */
export interface Bounds {
  /** Processor time of all threads, in seconds. */
  readonly seconds: number;
  /** Elapsed seconds: a device that does not answer takes no processor time. */
  readonly elapsedSeconds: number;
  /** Resident bytes. */
  readonly memory: number;
  /** Bytes of all temporary files at one time, and of what an archive unpacks to. */
  readonly scratch: number;
  /** Size of one array. */
  readonly rows: number;
  readonly columns: number;
}

const MEBIBYTE = 2 ** 20;

/** Structures are described in threads from here on, in blocks of about 256 kiB each. */
const THREADED_BYTES = 2 * MEBIBYTE;
const BLOCK_BYTES = MEBIBYTE / 4;

/** The size of an input. */
export interface InputSize {
  readonly bytes: number;
  /** Bytes of files of structures among them: descriptors take longer than reading. */
  readonly structures: number;
}

/**
 * Seconds per MiB of structures: histograms of angles within 6 angstrom around all atoms take 100,
 * and more with the sixth power of the distance. A person who waits for them can end them.
 */
const STRUCTURE_SECONDS = { background: 300, foreground: 3000 } as const;

/** Returns the bounds for an input, on a machine with `cores`. */
export function boundsFor(
  { bytes, structures }: InputSize,
  { cores, isBackground }: { readonly cores: number; readonly isBackground: boolean },
): Bounds {
  const rate = STRUCTURE_SECONDS[isBackground ? 'background' : 'foreground'];
  // A small file takes less than half a second, of which the start of the process is most; tables
  // and arrays take up to 0.1 s per MiB.
  const seconds = 4 + (2 * bytes + rate * structures) / MEBIBYTE;
  const threads = structures > THREADED_BYTES ? Math.min(cores, Math.ceil(structures / BLOCK_BYTES)) : 0;
  return {
    seconds,
    // The process may have a low priority on a busy machine.
    elapsedSeconds: 60 + 20 * seconds,
    // An import peaks at 130 to 270 MiB whatever its length, but libraries read a chunk of HDF5 or
    // a column of Parquet as a whole; each thread has a heap of its own.
    memory: 450 * MEBIBYTE + 64 * MEBIBYTE * threads + 4 * bytes,
    ...boundsOfContent({ bytes }),
  };
}

/** Returns the bounds that do not depend on the machine. */
export const boundsOfContent = ({ bytes }: Pick<InputSize, 'bytes'>): Pick<Bounds, 'scratch' | 'rows' | 'columns'> => ({
  // Arrays are up to three times in temporary files; packing makes the arrays of honest files 10
  // to 20 times as small, and files that are small anyway still smaller.
  scratch: 256 * MEBIBYTE + 64 * bytes,
  // A value of text takes 2 bytes, one in float32 4; only packed ones take less.
  rows: 2 ** 20 + bytes,
  columns: 2 ** 17 + bytes,
});
