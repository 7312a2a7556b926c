/**
 * Where an interpretation draws its lines, apart from the numerics, so that pages can name them.
 */

/** Components whose angles between all pairs of seeds stay below this many degrees are stable. */
export const STABLE_BELOW_DEGREES = 5;
/**
 * Latents without a common basis are stable where each pair of seeds predicts this share of each
 * other's variance.
 */
export const STABLE_FROM_R2 = 0.95;
/**
 * A share of a descriptor whose interval is above this is high: the expansion recovers more than it
 * leaves open.
 */
export const DECISIVE_FROM = 0.5;
/**
 * A share whose interval is below this counts as none: the expansion returns the mean, whatever the
 * structure.
 */
export const INDECISIVE_BELOW = 0.1;
/**
 * Covered variance of the spectrum below which nothing passes the bottleneck, so that its direction
 * is random.
 */
export const PASSES_FROM = 0.05;
