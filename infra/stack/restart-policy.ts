/** Restarts a process after a crash, with exponential back-off. */
import { setTimeout } from 'node:timers/promises';
import type { Child } from '../processes/child.ts';
import type { ShutdownSequence } from '../processes/identity.ts';

const FIRST_PAUSE_MILLISECONDS = 500;
const LONGEST_PAUSE_MILLISECONDS = 30_000;
/** Run time after which the back-off is reset. */
const RECOVERED_MILLISECONDS = 60_000;

export interface RestartOptions<Started extends { readonly child: Child }> {
  readonly name: string;
  /** Resolves when the process works; stops it where it throws. `previous`: the one that ended. */
  readonly start: (previous: Started | null) => Promise<Started>;
  readonly shutdown: ShutdownSequence;
  /** Called after every start and end. */
  readonly onChange: () => void;
  readonly onMessage: (message: string) => void;
}

export interface SupervisedProcess<Started> {
  readonly name: string;
  readonly current: Started;
  readonly restarts: number;
  stop(): Promise<void>;
}

/** Starts the process and keeps it running. Throws the error of the first start. */
export async function keepRunning<Started extends { readonly child: Child }>(
  options: RestartOptions<Started>,
): Promise<SupervisedProcess<Started>> {
  const { name, start, shutdown, onChange, onMessage } = options;
  let current = await start(null);
  let restarts = 0;
  let pause = FIRST_PAUSE_MILLISECONDS;
  const stopping = new AbortController();

  const watch = async () => {
    for (;;) {
      const since = performance.now();
      const how = await current.child.exit;
      if (stopping.signal.aborted) return;
      if (performance.now() - since > RECOVERED_MILLISECONDS) pause = FIRST_PAUSE_MILLISECONDS;
      onMessage(`${name} ended (${how})`);
      onChange();
      if (!(await restart())) return;
      onMessage(`${name} is up again`);
      onChange();
    }
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
        return true;
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
    async stop() {
      stopping.abort();
      await current.child.stop(shutdown);
      await watching;
      // Stops a process whose start was pending.
      await current.child.stop(shutdown);
    },
  };
}
