import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';

/** Packs that are scheduled and not yet back, each in a scope that a pause can cancel. */
export function packsInFlight() {
  const scopes = new Map<number, { readonly scope: CancellationScope; readonly trials: number }>();
  let returned = 0;
  let interruptedFrom = Number.POSITIVE_INFINITY;
  let failed: { readonly error: unknown } | null = null;

  const throwFailed = () => {
    if (failed) throw failed.error;
  };

  return {
    /** Starts `work` for the entrants from..to. */
    launch(from: number, to: number, work: () => Promise<void>): void {
      const scope = new CancellationScope();
      scopes.set(from, { scope, trials: to - from });
      scope
        .run(work)
        .catch((error: unknown) => {
          if (isCancellation(error)) interruptedFrom = Math.min(interruptedFrom, from);
          else failed ??= { error };
        })
        .finally(() => {
          scopes.delete(from);
          returned += 1;
        });
    },
    get packs(): number {
      return scopes.size;
    },
    /** Trials in them. */
    get trials(): number {
      return [...scopes.values()].reduce((sum, { trials }) => sum + trials, 0);
    },
    /** Waits until one is back, or `orElse` holds. Throws the error that ended a pack for good. */
    async change(orElse: () => boolean): Promise<void> {
      const before = returned;
      await condition(() => returned > before || orElse());
      throwFailed();
    },
    /** Waits until all are back, or `orElse` holds. Throws the error that ended a pack for good. */
    async drained(orElse: () => boolean): Promise<void> {
      await condition(() => scopes.size === 0 || failed !== null || orElse());
      throwFailed();
    },
    /** Cancels all and waits; returns the first place that was interrupted, or Infinity. */
    async interrupt(): Promise<number> {
      for (const { scope } of scopes.values()) scope.cancel();
      await condition(() => scopes.size === 0);
      const from = interruptedFrom;
      interruptedFrom = Number.POSITIVE_INFINITY;
      return from;
    },
  };
}
