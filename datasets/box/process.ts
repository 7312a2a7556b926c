/**
 * A box: a process that reads files from outside, within bounds. It is ended when it exceeds them,
 * and with its parent.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { errorOf } from '../../errors.ts';
import { availableProcessors } from '../../models/engines/processors.ts';
import { type Bounds, boundsFor, type InputSize } from './bounds.ts';
import { formatBytes, readerFailedError, readerLostError, tooCostlyError } from './errors.ts';
import { startModule } from './fork.ts';
import type { Kind, Message, Request, Tasks } from './messages.ts';
import { readUsage, USAGE_INTERVAL, type Usage } from './usage.ts';

/** A tenth of the processor time of a usual process, where both have work to do. */
const LOW_PRIORITY = 10;

const MEBIBYTE = 2 ** 20;

/** Memory of a process besides its heap, and a heap with which it starts. */
const BASE_BYTES = 100 * MEBIBYTE;
const LEAST_HEAP_BYTES = 64 * MEBIBYTE;

/** As usual: V8 would shrink it with the heap, and collect garbage the more often. */
const YOUNG_GENERATION_MB = 16;

/**
 * Where a heap has a limit, V8 begins with a small one, and collects garbage the more often. To
 * begin with a usual heap costs 20 ms of the start, as the code of Node that is compiled in advance
 * is for V8 without that flag: more than it saves with an input of fewer bytes. For those, a young
 * generation that does not begin at 1 MiB has the same effect. Structures are the more work: their
 * descriptors are objects.
 */
const LARGE_BYTES = 16 * MEBIBYTE;
const LARGE_STRUCTURE_BYTES = MEBIBYTE;
const INITIAL_HEAP_MB = 256;
const LEAST_YOUNG_GENERATION_MB = 8;

export interface BoxOptions {
  /** No person waits for the task at this machine. */
  readonly isBackground?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when a process of the task has ended; a task that is run twice has two. */
  readonly onEnd?: ((outcome: BoxOutcome) => void) | undefined;
}

/** `refused`: the input is invalid or exceeds its bounds; `lost`: ended from outside. */
export type BoxOutcome = 'read' | 'refused' | 'lost' | 'aborted' | 'failed';

/**
 * Runs a task; `take` takes its result over while the box waits. Throws the faults of the task,
 * NarrowsError `input-too-costly`, `reader-failed`, `reader-lost`, or the reason of the signal.
 */
export async function runBox<K extends Kind, T>(
  request: Request<K>,
  { isBackground = false, signal }: BoxOptions,
  take: (result: Tasks[K]['gives']) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const child = startProcess(request, isBackground);
  const { pid } = child;
  const guard = pid === undefined ? null : startGuard(pid, request.folder);
  // An error of its start is reported by awaitResult.
  const ended = once(child, 'exit').then(
    () => guard?.kill('SIGKILL'),
    () => guard?.kill('SIGKILL'),
  );
  try {
    const taken = await take(await awaitResult(child, request, { isBackground, signal }));
    child.disconnect();
    return taken;
  } catch (error) {
    child.kill('SIGKILL');
    await ended;
    throw error;
  }
}

function startProcess(request: Request, isBackground: boolean): ChildProcess {
  // In the background it shares the session of the host, and thereby the host's priority.
  return startModule('child', heapFlags(request), { errors: 'pipe', ownSession: !isBackground });
}

/** Returns the flags of V8 for the heap of a box: its limit, and the size with which it begins. */
export function heapFlags({ bounds: { memory }, size }: Pick<Request, 'bounds' | 'size'>): string[] {
  const isLarge = size.bytes >= LARGE_BYTES || size.structures >= LARGE_STRUCTURE_BYTES;
  const heap = Math.floor(Math.max(LEAST_HEAP_BYTES, memory - BASE_BYTES) / MEBIBYTE);
  return [
    `--max-old-space-size=${heap}`,
    `--max-semi-space-size=${YOUNG_GENERATION_MB}`,
    isLarge
      ? `--initial-old-space-size=${Math.min(heap, INITIAL_HEAP_MB)}`
      : `--min-semi-space-size=${LEAST_YOUNG_GENERATION_MB}`,
  ];
}

/** Lowers the priority of this process and of those that it starts, from their first moment on. */
export function lowerPriority(): void {
  setPriority(LOW_PRIORITY);
  try {
    // Linux may weigh sessions first, and processes within them.
    writeFileSync('/proc/self/autogroup', String(LOW_PRIORITY));
  } catch {
    // The system has no such file.
  }
}

/**
 * Starts a shell that waits on a pipe whose other end only this process holds. When this process
 * ends, even by SIGKILL, it ends the box, which may be busy, and removes the folder.
 */
function startGuard(pid: number, folder: string): ChildProcess {
  const script = 'read -r _; kill -s KILL "$1"; rm -rf "$2"';
  const guard = spawn('/bin/sh', ['-c', script, 'narrows-guard', String(pid), folder], {
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => {}); // without a shell, a box that is not busy ends by itself
  guard.stdin.on('error', () => {});
  guard.unref();
  return guard;
}

/** Resolves to the result; rejects with a fault, an exceeded bound, or the end of the process. */
async function awaitResult<K extends Kind>(
  child: ChildProcess,
  request: Request<K>,
  { isBackground = false, signal }: BoxOptions,
): Promise<Tasks[K]['gives']> {
  const { size } = request;
  let { bounds } = request;
  const machine = { cores: availableProcessors(), isBackground };
  const outcome = Promise.withResolvers<Tasks[K]['gives']>();
  const settled = new AbortController();
  let file = request.subject;
  let output = '';
  child.stderr?.on('data', (text: Buffer) => {
    output = (output + text.toString()).slice(-KEPT_OUTPUT);
  });
  child.on('message', (message: Message<K>) => {
    if (message.kind === 'reading') file = message.file;
    else if (message.kind === 'unpacking') bounds = boundsFor(limitSize(message.size, request.bounds), machine);
    else if (message.kind === 'done') outcome.resolve(message.result);
    else if (message.kind === 'fault') outcome.reject(errorOf(message.fault));
    else outcome.reject(failureError(file, message.error, request));
  });
  child.on('error', outcome.reject);
  child.once('close', (code, name) => outcome.reject(endError(file, name ?? `exit code ${code}`, output, request)));
  signal?.addEventListener('abort', () => outcome.reject(signal.reason), { once: true, signal: settled.signal });
  const started = performance.now();
  const timer = setInterval(async () => {
    const usage = await readUsage(child.pid ?? 0);
    const exceeded = usage && findExceeded(bounds, usage, (performance.now() - started) / 1000);
    if (exceeded !== null) outcome.reject(tooCostlyError(file, exceeded, size.bytes));
  }, USAGE_INTERVAL);
  try {
    // Where it has ended before, that is the error to report.
    child.send(request, () => {});
    return await outcome.promise;
  } finally {
    clearInterval(timer);
    settled.abort();
  }
}

const KEPT_OUTPUT = 4000;

/** An archive unpacks to no more than its bounds of temporary files. */
const limitSize = ({ bytes, structures }: InputSize, { scratch }: Bounds): InputSize => ({
  bytes: Math.min(bytes, scratch),
  structures: Math.min(structures, scratch),
});

/** Returns the bound that is exceeded, in words, or null. */
export function findExceeded(bounds: Bounds, { memory, seconds }: Usage, elapsed: number): string | null {
  if (memory > bounds.memory) return describeMemory(bounds);
  if (seconds > bounds.seconds) return `${Number(bounds.seconds.toPrecision(2))} s of processor time`;
  return elapsed > bounds.elapsedSeconds ? `${Number(bounds.elapsedSeconds.toPrecision(2))} s` : null;
}

const describeMemory = ({ memory }: Bounds): string => `${formatBytes(memory)} of memory`;

/** Errors of V8 and of Node for what does not fit into memory. */
const OUT_OF_MEMORY =
  /out of memory|heap limit|allocation failed|Invalid (typed array|array buffer|array|string) length|larger than 2 GiB|longer than 0x/i;

function failureError(file: string, error: Error, { bounds, size }: Request): Error {
  if (OUT_OF_MEMORY.test(error.message)) return tooCostlyError(file, describeMemory(bounds), size.bytes);
  // Errors of the file system are about this machine.
  return 'syscall' in error ? error : readerFailedError(file, error.message, error);
}

function endError(file: string, how: string, output: string, { bounds, size }: Request): Error {
  if (OUT_OF_MEMORY.test(output)) return tooCostlyError(file, describeMemory(bounds), size.bytes);
  if (how === 'SIGKILL' || how === 'SIGTERM') return readerLostError(file, how);
  return readerFailedError(file, `the process that reads it ended with ${how}`, new Error(output));
}
