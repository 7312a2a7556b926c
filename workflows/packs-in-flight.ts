import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';

/** Entrants from..to of a rung on a route, given by its position among those of the sweep. */
export interface PackPlace {
  readonly route: number;
  readonly rung: number;
  readonly from: number;
  readonly to: number;
}

/** Packs that are scheduled and not yet back, each in a scope that a pause can cancel. */
export function packsInFlight() {
  const scopes = new Map<PackPlace, CancellationScope>();
  let returned = 0;
  let interrupted: PackPlace[] = [];
  let failed: { readonly error: unknown } | null = null;

  const throwFailed = () => {
    if (failed) throw failed.error;
  };

  return {
    launch(place: PackPlace, work: () => Promise<void>): void {
      const scope = new CancellationScope();
      scopes.set(place, scope);
      scope
        .run(work)
        .catch((error: unknown) => {
          if (isCancellation(error)) interrupted.push(place);
          else failed ??= { error };
        })
        .finally(() => {
          scopes.delete(place);
          returned += 1;
        });
    },
    get places(): readonly PackPlace[] {
      return [...scopes.keys()];
    },
    packsOf: (route: number): number => [...scopes.keys()].filter((place) => place.route === route).length,
    /** Trials in them. */
    get trials(): number {
      return [...scopes.keys()].reduce((sum, { from, to }) => sum + to - from, 0);
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
    /** Cancels all and waits; returns the places that were interrupted. */
    async interrupt(): Promise<readonly PackPlace[]> {
      for (const scope of scopes.values()) scope.cancel();
      await condition(() => scopes.size === 0);
      const places = interrupted;
      interrupted = [];
      return places;
    },
  };
}
