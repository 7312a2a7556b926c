/** A process under test, which answers one request at a time and is replaced after a fault. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { peakMemory, peakOfDescendants, processorTime } from './usage.ts';

/** An answer, or the reason why none came. */
export type Reply<Answer> = { readonly answer: Answer } | { readonly lost: 'crash' | 'hang'; readonly message: string };

export interface ProcessUnderTest<Ready> {
  /** Starts the process where none runs, and returns its first message. */
  start(): Promise<Ready>;
  /** Sends a request; after a crash or a hang the next one starts a new process. */
  ask<Answer>(request: object, milliseconds?: number): Promise<Reply<Answer>>;
  /** Runs other work of the process under the same limits. */
  watch<Answer>(work: Promise<Answer>): Promise<Reply<Answer>>;
  /** Largest resident memory so far, in bytes, of the processes and of those that they started. */
  peak(): { readonly own: number; readonly descendants: number };
  stop(): Promise<void>;
}

/** Processor time within which an input must be read: others may share the machine. */
export const HANG_MS = 5000;
/** Time after which a process that waits is lost as well. */
const LOST_MS = 60_000;
/** Larger than any bound of an input of ours, and small enough for two at once. */
const MAX_MEMORY = 2 ** 30;
const START_MS = 120_000;
const SAMPLE_MS = 100;

class Lost extends Error {
  readonly kind: 'crash' | 'hang';

  constructor(kind: 'crash' | 'hang', message: string) {
    super(message);
    this.kind = kind;
  }
}

export function processUnderTest<Ready>(file: URL, args: readonly string[], flags: readonly string[]): ProcessUnderTest<Ready> {
  let running: ChildProcess | null = null;
  let started: Promise<{ readonly child: ChildProcess; readonly ready: Ready }> | null = null;
  let output = '';
  let peak = { own: 0, descendants: 0 };
  const sample = () => {
    const pid = running?.pid;
    if (pid === undefined) return;
    peak = { own: Math.max(peak.own, peakMemory(pid)), descendants: Math.max(peak.descendants, peakOfDescendants(pid)) };
  };
  const sampler = setInterval(sample, SAMPLE_MS);

  const nextMessage = (child: ChildProcess) => once(child, 'message').then(([message]) => message);
  /** Rejects with Lost when the process ends or uses up its time. */
  const untilLost = (child: ChildProcess, signal: AbortSignal, milliseconds: number): Promise<never> =>
    new Promise((_, reject) => {
      const began = performance.now();
      const used = processorTime(child.pid ?? 0) ?? 0;
      const check = () => {
        if (peakMemory(child.pid ?? 0) > MAX_MEMORY) return reject(new Lost('crash', 'it takes more memory than an input may'));
        const waited = performance.now() - began;
        const time = processorTime(child.pid ?? 0);
        const spent = time === null ? waited : time - used;
        if (spent > milliseconds || waited > Math.max(LOST_MS, milliseconds))
          reject(
            new Lost('hang', `no answer within ${(spent / 1000).toFixed(1)} s of the processor, ${(waited / 1000).toFixed(1)} s`),
          );
      };
      const timer = setInterval(check, SAMPLE_MS);
      const onExit = (code: number | null, by: string | null) =>
        reject(new Lost('crash', `it ended with ${by ?? code}\n${output}`));
      child.once('exit', onExit);
      signal.addEventListener('abort', () => {
        clearInterval(timer);
        child.off('exit', onExit);
      });
    });
  const within = async <T>(child: ChildProcess, work: Promise<T>, milliseconds: number): Promise<T> => {
    const settled = new AbortController();
    try {
      return await Promise.race([work, untilLost(child, settled.signal, milliseconds)]);
    } finally {
      settled.abort();
    }
  };
  const launch = async () => {
    output = '';
    const child = fork(file, [...args], { execArgv: [...flags], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output = (output + chunk).slice(-4000);
      });
    }
    child.on('error', () => {});
    running = child;
    return { child, ready: (await within(child, nextMessage(child), START_MS)) as Ready };
  };
  const start = () => {
    started ??= launch();
    return started;
  };
  const end = async () => {
    sample();
    const child = running;
    running = null;
    started = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  const watch = async <Answer>(
    begin: (child: ChildProcess) => Promise<Answer>,
    milliseconds = HANG_MS,
  ): Promise<Reply<Answer>> => {
    const { child } = await start();
    try {
      return { answer: await within(child, begin(child), milliseconds) };
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      await end();
      return { lost: error.kind, message: error.message };
    }
  };
  return {
    start: async () => (await start()).ready,
    ask: (request, milliseconds) =>
      watch((child) => {
        const answer = nextMessage(child);
        child.send(request);
        return answer;
      }, milliseconds),
    watch: (work) => watch(() => work),
    peak: () => peak,
    async stop() {
      clearInterval(sampler);
      await end();
    },
  };
}
