/** Answers that are computed once for a state of things, however many ask at once. */

export interface AsyncCacheOptions<T> {
  /** What all answers together may hold; the one that was asked for longest ago goes first. */
  readonly maxBytes: number;
  readonly bytesOf: (value: T) => number;
}

interface Entry<T> {
  readonly state: string;
  readonly value: T;
  readonly bytes: number;
  readonly milliseconds: number;
  readonly at: number;
}

export interface CacheRequest {
  /** What an answer holds for, such as the revision of a sweep; another one makes it old. */
  readonly version: string;
  /**
   * An old answer will do where a new one costs more than a moment: things are on the move, and who asks will hear that they moved on. It is renewed behind the scenes,
   * at most some of the time, and never older than some seconds.
   */
  readonly allowStale?: boolean;
  /** An answer of an earlier state is as good as a new one for so many milliseconds: it says itself how far it goes. */
  readonly maxAgeMs?: number;
}

/** An answer that is had in this time is worth waiting for. */
const CHEAP_MILLISECONDS = 40;
/** Renewing takes at most this share of the time, as one in. */
const RENEW_SHARE = 10;
const RENEW_AFTER_MILLISECONDS = 2000;
const OLDEST_MILLISECONDS = 15_000;

export class AsyncCache<T> {
  readonly #options: AsyncCacheOptions<T>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #underWay = new Map<string, { readonly state: string; readonly promise: Promise<T> }>();
  #bytes = 0;

  constructor(options: AsyncCacheOptions<T>) {
    this.#options = options;
  }

  /** A failure is passed on and not kept. */
  async get(
    key: string,
    { version: state, allowStale: mayBeOld = false, maxAgeMs: goodFor = 0 }: CacheRequest,
    compute: () => Promise<T>,
  ): Promise<T> {
    const entry = this.#entries.get(key);
    if (entry) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      if (entry.state === state) return entry.value;
      const age = performance.now() - entry.at;
      if (age < goodFor) return entry.value;
      if (mayBeOld && entry.milliseconds > CHEAP_MILLISECONDS && age < OLDEST_MILLISECONDS) {
        const due = age > Math.max(RENEW_AFTER_MILLISECONDS, RENEW_SHARE * entry.milliseconds);
        // A failure behind the scenes is told to whoever asks when the answer has become too old.
        if (due && !this.#underWay.has(key)) this.#renew(key, state, compute).catch(() => {});
        return entry.value;
      }
    }
    const before = this.#underWay.get(key);
    if (before && (mayBeOld || goodFor > 0 || before.state === state)) return before.promise;
    return this.#renew(key, state, compute);
  }

  #renew(key: string, state: string, compute: () => Promise<T>): Promise<T> {
    const from = performance.now();
    const promise = compute().then(
      (value) => {
        if (this.#underWay.get(key)?.promise === promise) {
          this.#underWay.delete(key);
          this.#keep(key, {
            state,
            value,
            bytes: this.#options.bytesOf(value),
            milliseconds: performance.now() - from,
            at: performance.now(),
          });
        }
        return value;
      },
      (error: unknown) => {
        if (this.#underWay.get(key)?.promise === promise) this.#underWay.delete(key);
        throw error;
      },
    );
    this.#underWay.set(key, { state, promise });
    return promise;
  }

  #keep(key: string, entry: Entry<T>): void {
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
