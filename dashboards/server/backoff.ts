/** Pauses before the work of callers whose earlier work was refused. */

interface BackoffLimits {
  /** Refusals without a pause. */
  readonly free: number;
  readonly firstMs: number;
  /** Each pause is twice as long as the one before, up to this. */
  readonly maxMs: number;
  /** Time without a refusal after which a caller starts anew. */
  readonly forgetMs: number;
}

export interface Backoff {
  /** Returns the milliseconds for which the caller's next work has to wait. */
  pause(key: string): number;
  /** Accepted work takes back one refusal. */
  record(key: string, outcome: 'refused' | 'accepted'): void;
}

interface History {
  readonly refusals: number;
  /** Time of the last refusal, of performance.now(). */
  readonly at: number;
}

/** Returns a record of refusals by caller. */
export function createBackoff({ free, firstMs, maxMs, forgetMs }: BackoffLimits): Backoff {
  const histories = new Map<string, History>();
  const pauseAfter = (refusals: number) => (refusals <= free ? 0 : Math.min(maxMs, firstMs * 2 ** (refusals - free - 1)));
  const forget = () => {
    for (const [key, { at }] of histories) if (performance.now() - at > forgetMs) histories.delete(key);
  };
  return {
    pause(key) {
      forget();
      const history = histories.get(key);
      return history === undefined ? 0 : Math.max(0, history.at + pauseAfter(history.refusals) - performance.now());
    },
    record(key, outcome) {
      const { refusals = 0, at = 0 } = histories.get(key) ?? {};
      if (outcome === 'refused') histories.set(key, { refusals: refusals + 1, at: performance.now() });
      else if (refusals > 1) histories.set(key, { refusals: refusals - 1, at });
      else histories.delete(key);
    },
  };
}
