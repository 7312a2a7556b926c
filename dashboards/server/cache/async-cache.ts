/** Caches values that are computed once per version, however many requests ask at once. */

interface AsyncCacheOptions<T> {
  /** Bound on all values together; the least recently used is evicted first. */
  readonly maxBytes: number;
  readonly bytesOf: (value: T) => number;
}

export interface CacheRequest {
  /** Version of the state that a value is computed from: a value of another one is stale. */
  readonly version: string;
  /** Accepts a value that is stale for seconds; slow ones are recomputed in the background. */
  readonly allowStale?: boolean;
  /** Accepts a value of an earlier version up to this age, in milliseconds. */
  readonly maxAgeMs?: number;
}

interface Entry<T> {
  readonly version: string;
  readonly value: T;
  readonly bytes: number;
  /** Duration of its computation. */
  readonly milliseconds: number;
  readonly storedAt: number;
  /** When it was stored, or since then last found to be of the newest version. */
  currentAt: number;
}

interface Pending<T> {
  readonly version: string;
  readonly promise: Promise<T>;
  readonly startedAt: number;
}

/** A value that is computed faster than this is always recomputed. */
const CHEAP_MILLISECONDS = 40;
/** Recomputing takes at most one part of the time in so many, unless a value becomes too old. */
const RECOMPUTE_SHARE = 10;
const RECOMPUTE_AFTER_MILLISECONDS = 2000;
const MAX_STALE_MILLISECONDS = 15_000;
/** So early that under steady requests no value becomes too old. */
const LATEST_MILLISECONDS = MAX_STALE_MILLISECONDS / 2;

/** Whether a stale value is to be recomputed in the background. */
const isDue = ({ milliseconds, storedAt, currentAt }: Omit<Entry<unknown>, 'value'>, now: number): boolean =>
  now - storedAt > Math.max(RECOMPUTE_AFTER_MILLISECONDS, RECOMPUTE_SHARE * milliseconds) ||
  now - currentAt > LATEST_MILLISECONDS;

export class AsyncCache<T> {
  readonly #options: AsyncCacheOptions<T>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #pending = new Map<string, Pending<T>>();
  #bytes = 0;

  constructor(options: AsyncCacheOptions<T>) {
    this.#options = options;
  }

  /** Returns the cached value, or computes it. A rejection is passed on and not cached. */
  async get(key: string, { version, allowStale = false, maxAgeMs = 0 }: CacheRequest, compute: () => Promise<T>): Promise<T> {
    const entry = this.#entries.get(key);
    if (entry) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      const now = performance.now();
      if (entry.version === version) {
        entry.currentAt = now;
        return entry.value;
      }
      if (now - entry.currentAt < maxAgeMs) return entry.value;
      if (allowStale && entry.milliseconds > CHEAP_MILLISECONDS && this.#isUsable(key, entry, now)) {
        // A failure in the background reaches the first request that finds the value too old.
        if (isDue(entry, now) && !this.#pending.has(key)) this.#recompute(key, version, compute).catch(() => {});
        return entry.value;
      }
    }
    const pending = this.#pending.get(key);
    if (pending && (allowStale || maxAgeMs > 0 || pending.version === version)) return pending.promise;
    return this.#recompute(key, version, compute);
  }

  /**
   * Whether a stale value may be returned: until it is too old, or, where its successor is computed
   * by then, for as long again.
   */
  #isUsable(key: string, { currentAt }: Entry<T>, now: number): boolean {
    const startedAt = this.#pending.get(key)?.startedAt ?? now;
    return startedAt - currentAt < MAX_STALE_MILLISECONDS && now - startedAt < MAX_STALE_MILLISECONDS;
  }

  #recompute(key: string, version: string, compute: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const promise = compute()
      .then((value) => {
        if (this.#pending.get(key)?.promise === promise) {
          const storedAt = performance.now();
          const bytes = this.#options.bytesOf(value);
          this.#store(key, { version, value, bytes, milliseconds: storedAt - startedAt, storedAt, currentAt: storedAt });
        }
        return value;
      })
      .finally(() => {
        if (this.#pending.get(key)?.promise === promise) this.#pending.delete(key);
      });
    this.#pending.set(key, { version, promise, startedAt });
    return promise;
  }

  #store(key: string, entry: Entry<T>): void {
    this.#bytes += entry.bytes - (this.#entries.get(key)?.bytes ?? 0);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#options.maxBytes || oldest === key) break;
      this.#entries.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}
