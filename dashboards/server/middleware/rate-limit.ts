/** How often somebody has come with a wrong token lately. */

const WINDOW_MILLISECONDS = 5 * 60_000;
const MOST_FAILURES = 10;
/** Beyond so many the one that failed longest ago is forgotten. */
const MOST_KEYS = 10_000;

export interface RateLimiter {
  /** Seconds until who goes by this key may try again; 0 = now. */
  retryAfterSeconds(key: string): number;
  recordFailure(key: string): void;
}

/** `now` in milliseconds. Ten failures under a key within five minutes, then it waits until the oldest of them is five minutes old. */
export function createRateLimiter(now: () => number = Date.now, mostKeys = MOST_KEYS): RateLimiter {
  const failures = new Map<string, number[]>();
  const recent = (key: string): number[] => (failures.get(key) ?? []).filter((at) => now() - at < WINDOW_MILLISECONDS);
  return {
    retryAfterSeconds(key) {
      const [oldest, ...others] = recent(key);
      if (oldest === undefined || others.length + 1 < MOST_FAILURES) return 0;
      return Math.ceil((oldest + WINDOW_MILLISECONDS - now()) / 1000);
    },
    recordFailure(key) {
      const times = [...recent(key), now()].slice(-MOST_FAILURES);
      // Written anew, so that the order of the map is that of the last failures.
      failures.delete(key);
      failures.set(key, times);
      const [longestAgo] = failures.keys();
      if (failures.size > mostKeys && longestAgo !== undefined) failures.delete(longestAgo);
    },
  };
}

/** Who has one IPv6 address has 2^64 of them. */
export function networkPrefix(address: string): string {
  return address.includes(':') && !address.includes('.') ? address.split(':').slice(0, 4).join(':') : address;
}
