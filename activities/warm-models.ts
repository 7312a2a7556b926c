import { NarrowsError } from '../errors.ts';
import type { Trial } from '../search/space.ts';
import type { SweepStore } from './ports.ts';

/**
 * What another attempt would find as it is: the ending of the trials that start from that model.
 */
const FINAL = ['trial-unknown', 'weights-dropped', 'weights-corrupt'];

export interface WarmModels {
  /**
   * The model that the trial starts from: its bytes; null, where it starts from scratch; the reason
   * why there is none to be had.
   */
  of(trial: Trial): Uint8Array | NarrowsError | null;
}

/**
 * Loads each model that one of the trials starts from, once. Rejects where the storage does not
 * answer.
 */
export async function loadWarmModels(store: Pick<SweepStore, 'loadModel'>, trials: readonly Trial[]): Promise<WarmModels> {
  const ids = new Set(trials.flatMap(({ configuration }) => configuration.warm ?? []));
  const models = new Map<string, Uint8Array | NarrowsError>();
  for (const id of ids) models.set(id, await store.loadModel(id).catch(orEnding));
  return { of: ({ configuration: { warm } }) => (warm === undefined ? null : (models.get(warm) ?? null)) };
}

function orEnding(error: unknown): NarrowsError {
  if (error instanceof NarrowsError && FINAL.includes(error.code)) return error;
  throw error;
}
