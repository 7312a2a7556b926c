/** Limits failed attempts to sign in: ten per key within five minutes. */

const WINDOW_MILLISECONDS = 5 * 60_000;
const MAX_FAILURES = 10;

export interface RateLimiter {
  /** Seconds until the next attempt under this key is allowed; 0 = now. */
  retryAfterSeconds(key: string): number;
  recordFailure(key: string): void;
}

/** `now` returns milliseconds. Beyond `maxKeys` the key with the oldest last failure is dropped. */
export function createRateLimiter(now: () => number = Date.now, maxKeys = 10_000): RateLimiter {
  const failures = new Map<string, number[]>();
  const recent = (key: string): number[] => (failures.get(key) ?? []).filter((at) => now() - at < WINDOW_MILLISECONDS);
  return {
    retryAfterSeconds(key) {
      const [oldest, ...others] = recent(key);
      if (oldest === undefined || others.length + 1 < MAX_FAILURES) return 0;
      return Math.ceil((oldest + WINDOW_MILLISECONDS - now()) / 1000);
    },
    recordFailure(key) {
      const times = [...recent(key), now()].slice(-MAX_FAILURES);
      // Reinserted, so that the map is ordered by last failure.
      failures.delete(key);
      failures.set(key, times);
      const [oldest] = failures.keys();
      if (failures.size > maxKeys && oldest !== undefined) failures.delete(oldest);
    },
  };
}
