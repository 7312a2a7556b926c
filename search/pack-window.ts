/** Packs that a sweep may have scheduled at a time: enough for the trainers, and few. */

/** One in training and two queued for each slot: a trainer never waits for the next one. */
const PACKS_PER_SLOT = 3;

/** Slots while no trainer is known: those of one, which may be about to start. */
const FEWEST_SLOTS = 2;

/**
 * The server allows 2,000 pending activities of a workflow; a history that continues as new at
 * 4,096 events stays below 10,000 with so many packs under way.
 */
const MAX_PACKS = 1000;

/** Highest ratio of windows: on a server without fairness, shares differ by no more. */
const MAX_RATIO = 10;

/**
 * Returns the packs that a sweep may have scheduled, by the slots of all trainers and the weights
 * of the running sweeps. Each can use every slot; queues that are served first come, first served
 * divide slots by what waits in them, hence by weight.
 */
export function packWindow(slots: number, weight: number, weights: readonly number[]): number {
  const ratio = Math.min(MAX_RATIO, weight / Math.min(weight, ...weights));
  return Math.min(MAX_PACKS, Math.round(PACKS_PER_SLOT * Math.max(FEWEST_SLOTS, slots) * ratio));
}

/** Returns the packs of a window that are trained at a time: with fewer, a trainer would wait. */
export const packsInTraining = (window: number): number => Math.max(1, Math.floor(window / PACKS_PER_SLOT));
