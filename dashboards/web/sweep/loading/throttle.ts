/** Throttles work: at once, then once per interval; never two at once; the latest is served. */

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
  readonly request: () => void;
  /** Starts nothing afterwards. */
  readonly stop: () => void;
}

/** `work`: settles when done; errors are ignored. `interval`: milliseconds between two starts. */
export function throttle(work: () => Promise<void>, interval: number, clock: Clock = browserClock): Throttle {
  let startedAt = Number.NEGATIVE_INFINITY;
  let isBusy = false;
  let isRequested = false;
  let isStopped = false;
  let cancel: (() => void) | null = null;
  const start = () => {
    cancel = null;
    if (isStopped) return;
    isRequested = false;
    isBusy = true;
    startedAt = clock.now();
    void work()
      .catch(() => undefined)
      .then(() => {
        isBusy = false;
        if (isRequested) request();
      });
  };
  const request = () => {
    isRequested = true;
    if (isBusy || cancel || isStopped) return;
    const wait = startedAt + interval - clock.now();
    if (wait <= 0) start();
    else cancel = clock.later(start, wait);
  };
  return {
    request,
    stop: () => {
      isStopped = true;
      cancel?.();
    },
  };
}
