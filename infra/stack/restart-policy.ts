/** Restarts a process after a crash, with exponential back-off, and replaces one that hangs. */
import { setTimeout } from 'node:timers/promises';
import type { Child } from '../processes/child.ts';
import { isAlive, type ShutdownSequence } from '../processes/identity.ts';
import { answersWithin, PATIENCE, type Patience, waitUntilHanging } from './liveness.ts';

const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 30_000;
/** Run time after which the back-off is reset: a start each ten seconds costs little. */
const RECOVERED_MILLISECONDS = 10_000;

export interface RestartOptions<Started extends { readonly child: Child }> {
  readonly name: string;
  /** Resolves when the process works; stops it where it throws. `previous`: the one that ended. */
  readonly start: (previous: Started | null) => Promise<Started>;
  readonly shutdown: ShutdownSequence;
  /** Resolves to whether the process does its work: its main thread runs, or it serves. */
  readonly ask: (current: Started, timeoutMs: number) => Promise<boolean>;
  /** Ends a process that hangs, which reacts to no polite signal. */
  readonly kill: ShutdownSequence;
  readonly patience?: Patience;
  /** Called after every start and end. */
  readonly onChange: () => void;
  readonly onMessage: (message: string) => void;
}

export interface SupervisedProcess<Started> {
  readonly name: string;
  readonly current: Started;
  readonly restarts: number;
  /** Resolves to whether the process runs and answers in time. */
  answers(timeoutMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

/** Starts the process and keeps it running. Throws the error of the first start. */
export async function keepRunning<Started extends { readonly child: Child }>(
  options: RestartOptions<Started>,
): Promise<SupervisedProcess<Started>> {
  const { name, start, shutdown, ask, kill, patience = PATIENCE, onChange, onMessage } = options;
  let current = await start(null);
  let restarts = 0;
  let pause = FIRST_PAUSE_MILLISECONDS;
  const stopping = new AbortController();

  const watch = async () => {
    for (;;) {
      const since = performance.now();
      const how = await watchAnswers();
      if (stopping.signal.aborted) return;
      if (performance.now() - since > RECOVERED_MILLISECONDS) pause = FIRST_PAUSE_MILLISECONDS;
      onMessage(`${name} ended (${how})`);
      onChange();
      if (!(await restart())) return;
      onMessage(`${name} is up again`);
      onChange();
    }
  };
  /** Resolves to how the process ended; kills one that hangs. */
  const watchAnswers = async (): Promise<string> => {
    const { child } = current;
    const ended = new AbortController();
    const exit = child.exit.finally(() => ended.abort());
    const hanging = waitUntilHanging({
      ask: (timeoutMs) => ask(current, timeoutMs),
      patience,
      signal: AbortSignal.any([ended.signal, stopping.signal]),
      onChange: (answers) => onMessage(`${name} ${answers ? 'answers again' : 'does not answer'}`),
    });
    if (await hanging) {
      onMessage(`${name} has not answered for ${Math.round(patience.hangMs / 1000)} s, and is replaced`);
      await child.stop(kill);
    }
    return exit;
  };
  /** Resolves to false when the process is being stopped. */
  const restart = async (): Promise<boolean> => {
    for (;;) {
      await setTimeout(pause, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return false;
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLISECONDS);
      try {
        restarts += 1;
        current = await start(current);
        // A process that was being started when it was stopped is stopped next: see stop.
        return !stopping.signal.aborted;
      } catch (error) {
        onMessage(`${name} does not start: ${(error as Error).message}`);
      }
    }
  };
  const watching = watch();
  return {
    name,
    get current() {
      return current;
    },
    get restarts() {
      return restarts;
    },
    async answers(timeoutMs) {
      return isAlive(current.child.identity) && answersWithin((time) => ask(current, time), timeoutMs);
    },
    async stop() {
      stopping.abort();
      await current.child.stop(shutdown);
      await watching;
      // Stops a process whose start was pending.
      await current.child.stop(shutdown);
    },
  };
}
