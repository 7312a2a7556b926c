/** Thresholds of an interpretation, apart from the numerics so that pages can name them. */

/** Components whose angles between all pairs of seeds stay below this many degrees are stable. */
export const STABLE_BELOW_DEGREES = 5;
/** Latents without a basis are stable where each pair of seeds predicts this R^2 of each other. */
export const STABLE_FROM_R2 = 0.95;
/** A share whose interval is above is high: the expansion recovers more than it leaves open. */
export const DECISIVE_FROM = 0.5;
/** A share whose interval is below counts as none: the expansion returns the mean. */
export const INDECISIVE_BELOW = 0.1;
/** Covered variance below which nothing passes the bottleneck: its direction is random. */
export const PASSES_FROM = 0.05;
/** A component is open where less of its turn between seeds shows in the values of its latent. */
const OPEN_BELOW = 1 / 3;

/** Returns whether collinear descriptors leave the direction of a component open. */
export const isOpen = ({ shownTurn }: { readonly shownTurn?: number | null | undefined }): boolean =>
  typeof shownTurn === 'number' && shownTurn < OPEN_BELOW;
