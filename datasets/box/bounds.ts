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

/** Returns the bounds for an input of `bytes`, on a machine with `cores`. */
export function boundsFor(bytes: number, cores: number): Bounds {
  // A small file takes less than half a second, of which the start of the process is most.
  // The slowest honest input, structures with wide descriptors, takes about 0.5 s per MiB.
  const seconds = 4 + (5 * bytes) / MEBIBYTE;
  const threads = bytes > THREADED_BYTES ? Math.min(cores, Math.ceil(bytes / BLOCK_BYTES)) : 0;
  return {
    seconds,
    // The process may have a low priority on a busy machine.
    elapsedSeconds: 60 + 20 * seconds,
    // An import peaks at 130 to 250 MiB whatever its length, but libraries read a chunk of HDF5 or
    // a column of Parquet as a whole; each thread has a heap of its own.
    memory: 450 * MEBIBYTE + 64 * MEBIBYTE * threads + 4 * bytes,
    // Arrays are twice in temporary files; packing makes the arrays of honest files 10 to 20 times
    // as small, and files that are small anyway still smaller.
    scratch: 256 * MEBIBYTE + 64 * bytes,
    // A value of text takes 2 bytes, one in float32 4; only packed ones take less.
    rows: 2 ** 20 + bytes,
    columns: 2 ** 17 + bytes,
  };
}
