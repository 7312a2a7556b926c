/** Callers whose last work was refused. */

interface RefusalLimits {
  /** Time after which a refusal counts no more. */
  readonly forgetMs: number;
  /** Callers that are remembered: those refused last. */
  readonly maxCallers: number;
}

export interface Refusals {
  /** Returns how often the caller was refused since its work was last accepted. */
  count(caller: string): number;
  record(caller: string, outcome: 'refused' | 'accepted'): void;
}

/** Returns a record of refusals by caller. */
export function createRefusals({ forgetMs, maxCallers }: RefusalLimits): Refusals {
  /** The caller that was refused last is at the end; `at` is of performance.now(). */
  const histories = new Map<string, { readonly refusals: number; readonly at: number }>();
  const count = (caller: string): number => {
    const { refusals = 0, at = 0 } = histories.get(caller) ?? {};
    return performance.now() - at > forgetMs ? 0 : refusals;
  };
  return {
    count,
    record(caller, outcome) {
      const refusals = count(caller);
      histories.delete(caller);
      if (outcome === 'accepted') return;
      histories.set(caller, { refusals: refusals + 1, at: performance.now() });
      const [first = caller] = histories.keys();
      if (histories.size > maxCallers) histories.delete(first);
    },
  };
}
