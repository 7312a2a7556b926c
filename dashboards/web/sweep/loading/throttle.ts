/** Throttles work: at once, then once per interval; never two at once; the latest is served. */
export interface Throttle {
  readonly request: () => void;
  /** Starts nothing afterwards. */
  readonly stop: () => void;
}

/** `work`: settles when done; errors are ignored. `interval`: milliseconds between two starts. */
export function throttle(work: () => Promise<void>, interval: number): Throttle {
  let isWaiting = false;
  let isRequested = false;
  let isStopped = false;
  const request = async () => {
    isRequested = true;
    if (isWaiting || isStopped) return;
    isWaiting = true;
    isRequested = false;
    await Promise.allSettled([work(), new Promise((resolve) => setTimeout(resolve, interval))]);
    isWaiting = false;
    if (isRequested) void request();
  };
  return {
    request: () => void request(),
    stop: () => {
      isStopped = true;
    },
  };
}
