/** Work that is asked for more often than it should be done: the first at once, then at most one per span, the newest wish always met, never two at once. */

export interface Clock {
  readonly now: () => number;
  readonly later: (run: () => void, milliseconds: number) => () => void;
}

export const browserClock: Clock = {
  now: () => performance.now(),
  later: (run, milliseconds) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

export interface Throttle {
  /** Wishes for the work. */
  readonly request: () => void;
  /** Nothing is begun after this. */
  readonly stop: () => void;
}

/** `work` settles when it is done; what it throws is its own affair and does not end the pace. `every`: milliseconds between two beginnings. */
export function throttle(work: () => Promise<void>, every: number, clock: Clock = browserClock): Throttle {
  let begun = Number.NEGATIVE_INFINITY;
  let busy = false;
  let wished = false;
  let stopped = false;
  let cancel: (() => void) | null = null;
  const begin = () => {
    cancel = null;
    if (stopped) return;
    wished = false;
    busy = true;
    begun = clock.now();
    void work()
      .catch(() => undefined)
      .then(() => {
        busy = false;
        if (wished) ask();
      });
  };
  const ask = () => {
    wished = true;
    if (busy || cancel || stopped) return;
    const wait = begun + every - clock.now();
    if (wait <= 0) begin();
    else cancel = clock.later(begin, wait);
  };
  return {
    request: ask,
    stop: () => {
      stopped = true;
      cancel?.();
    },
  };
}
