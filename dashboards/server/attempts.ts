/** How often an address has failed to sign in lately. */

const WINDOW_MILLISECONDS = 5 * 60_000;
const MOST_FAILURES = 10;
/** Beyond so many addresses the one that failed longest ago is forgotten. */
const MOST_ADDRESSES = 10_000;

export interface Attempts {
  /** Seconds until the address may try again; 0 = now. */
  wait(address: string): number;
  failed(address: string): void;
}

/** `now` in milliseconds. Ten failures of an address within five minutes, then it waits until the oldest of them is five minutes old. */
export function createAttempts(now: () => number = Date.now, mostAddresses = MOST_ADDRESSES): Attempts {
  const failures = new Map<string, number[]>();
  const recent = (address: string): number[] =>
    (failures.get(network(address)) ?? []).filter((at) => now() - at < WINDOW_MILLISECONDS);
  return {
    wait(address) {
      const [oldest, ...others] = recent(address);
      if (oldest === undefined || others.length + 1 < MOST_FAILURES) return 0;
      return Math.ceil((oldest + WINDOW_MILLISECONDS - now()) / 1000);
    },
    failed(address) {
      const times = [...recent(address), now()].slice(-MOST_FAILURES);
      // Written anew, so that the order of the map is that of the last failures.
      failures.delete(network(address));
      failures.set(network(address), times);
      const [longestAgo] = failures.keys();
      if (failures.size > mostAddresses && longestAgo !== undefined) failures.delete(longestAgo);
    },
  };
}

/** Who has one IPv6 address has 2^64 of them. */
function network(address: string): string {
  return address.includes(':') && !address.includes('.') ? address.split(':').slice(0, 4).join(':') : address;
}
