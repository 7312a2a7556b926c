/**
 * How often trainers send heartbeats. Cancellations come with the answers, so that frequent ones
 * stop training soon; Temporal stores each, so that those of many trainers have to be rare.
 */

/** Most heartbeats a second of all trainers together. */
const MOST_PER_SECOND = 500;

/**
 * Milliseconds between two heartbeats of a pack; with the first, a cancellation takes effect within
 * a second. Few steps: running sweeps receive each change.
 */
const INTERVALS_MS = [400, 1000, 2000, 4000, 8000, 16_000] as const;

export const [SHORTEST_INTERVAL_MS] = INTERVALS_MS;

/**
 * Returns the silence in ms after which a worker is lost: two heartbeats may fail, and a busy
 * machine may delay the next by six seconds. With the shortest interval, a trial goes on within ten
 * seconds of the death of its trainer, the retry and the first epoch included.
 */
const timeoutMs = (intervalMs: number): number => 2.5 * intervalMs + 6000;

/** Time-out of heartbeats in ms where the number of trainers is not known. */
export const SHORTEST_TIMEOUT_MS = timeoutMs(SHORTEST_INTERVAL_MS);

/** Returns the time-out of heartbeats in ms while trainers have so many packs at a time. */
export function heartbeatTimeout(packs: number): number {
  const interval = INTERVALS_MS.find((ms) => (1000 * packs) / ms <= MOST_PER_SECOND);
  return timeoutMs(interval ?? INTERVALS_MS.at(-1) ?? SHORTEST_INTERVAL_MS);
}

/** Returns the interval in ms of heartbeats with this time-out, as the activity was given it. */
export const heartbeatInterval = (timeout = SHORTEST_TIMEOUT_MS): number =>
  INTERVALS_MS.findLast((ms) => timeoutMs(ms) <= timeout) ?? SHORTEST_INTERVAL_MS;
