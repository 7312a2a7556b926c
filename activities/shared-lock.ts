/** Work of one process that shares it with other work, or has it alone. */
export interface SharedLock {
  /** Runs the work together with others. Rejects with the signal's reason if it aborts before. */
  shared<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** Runs the work while no other of this lock runs; later work waits. Rejects as above. */
  alone<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
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

  const run = async <T>(isAlone: boolean, signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    const { promise, resolve: begin, reject } = Promise.withResolvers<void>();
    const turn: Turn = { isAlone, begin };
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    waiting.push(turn);
    giveTurns();
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
    shared: (signal, work) => run(false, signal, work),
    alone: (signal, work) => run(true, signal, work),
  };
}
