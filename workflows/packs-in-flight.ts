import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';

/**
 * Packs handed out and not yet back, each in a scope of its own so that a pause can interrupt them.
 */
export interface PacksInFlight {
  /** Starts `work` for the entrants from..to. */
  launch(from: number, to: number, work: () => Promise<void>): void;
  readonly packs: number;
  /** Trials in them. */
  readonly trials: number;
  /** Waits until a pack is back, or `orElse` holds. Throws what ended a pack for good. */
  change(orElse: () => boolean): Promise<void>;
  /** Waits until all are back, or `orElse` holds. Throws what ended a pack for good. */
  drained(orElse: () => boolean): Promise<void>;
  /**
   * Cancels all, waits until they have stopped, and returns the first place that was interrupted
   * (Infinity: none).
   */
  interrupt(): Promise<number>;
}

export function packsInFlight(): PacksInFlight {
  const scopes = new Map<number, { readonly scope: CancellationScope; readonly trials: number }>();
  let back = 0;
  let interruptedFrom = Number.POSITIVE_INFINITY;
  let spoiled: { readonly error: unknown } | null = null;

  const throwSpoiled = () => {
    if (spoiled) throw spoiled.error;
  };

  return {
    launch(from, to, work) {
      const scope = new CancellationScope();
      scopes.set(from, { scope, trials: to - from });
      scope
        .run(work)
        .catch((error: unknown) => {
          if (isCancellation(error)) interruptedFrom = Math.min(interruptedFrom, from);
          else spoiled ??= { error };
        })
        .finally(() => {
          scopes.delete(from);
          back += 1;
        });
    },
    get packs() {
      return scopes.size;
    },
    get trials() {
      return [...scopes.values()].reduce((sum, { trials }) => sum + trials, 0);
    },
    async change(orElse) {
      const before = back;
      await condition(() => back > before || orElse());
      throwSpoiled();
    },
    async drained(orElse) {
      await condition(() => scopes.size === 0 || spoiled !== null || orElse());
      throwSpoiled();
    },
    async interrupt() {
      for (const { scope } of scopes.values()) scope.cancel();
      await condition(() => scopes.size === 0);
      const from = interruptedFrom;
      interruptedFrom = Number.POSITIVE_INFINITY;
      return from;
    },
  };
}
