/** Runs work when its turn comes; calls `onWait` first where that is later. */
type Run = <T>(signal: AbortSignal, work: () => Promise<T>, onWait?: () => void) => Promise<T>;

/** Work of one process that shares it with other work, or has it alone. */
export interface SharedLock {
  /** Runs the work together with others. Rejects with the signal's reason if it aborts before. */
  readonly shared: Run;
  /** Runs the work while no other of this lock runs; later work waits. Rejects as above. */
  readonly alone: Run;
}

interface Turn {
  readonly isAlone: boolean;
  readonly begin: () => void;
}

/** Creates a lock that gives turns in the order of the calls. */
export function createSharedLock(): SharedLock {
  const waiting: Turn[] = [];
  const running = new Set<Turn>();

  const giveTurns = () => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      const [other] = running;
      if (other && (next.isAlone || other.isAlone)) return;
      waiting.shift();
      running.add(next);
      next.begin();
    }
  };

  const run = async <T>(
    isAlone: boolean,
    signal: AbortSignal,
    work: () => Promise<T>,
    onWait: () => void = () => {},
  ): Promise<T> => {
    signal.throwIfAborted();
    const { promise, resolve: begin, reject } = Promise.withResolvers<void>();
    const turn: Turn = { isAlone, begin };
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    waiting.push(turn);
    giveTurns();
    if (!running.has(turn)) onWait();
    try {
      await promise;
      return await work();
    } finally {
      signal.removeEventListener('abort', onAbort);
      const place = waiting.indexOf(turn);
      if (place >= 0) waiting.splice(place, 1);
      running.delete(turn);
      giveTurns();
    }
  };

  return {
    shared: (signal, work, onWait) => run(false, signal, work, onWait),
    alone: (signal, work, onWait) => run(true, signal, work, onWait),
  };
}
