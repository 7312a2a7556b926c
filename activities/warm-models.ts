import { NarrowsError } from '../errors.ts';
import type { Trial } from '../search/space.ts';
import type { SweepStore } from './ports.ts';

/** Errors that another attempt would meet again: they end the trials that start from that model. */
const FINAL = ['trial-unknown', 'weights-dropped', 'weights-corrupt'];

/**
 * Loads each model that a trial starts from, once. Returns what gives a trial's model, null, or the
 * error of loading it. Rejects where storage does not answer.
 */
export async function loadWarmModels(store: Pick<SweepStore, 'loadModel'>, trials: readonly Trial[]) {
  const ids = new Set(trials.flatMap(({ configuration }) => configuration.warm ?? []));
  const models = new Map<string, Uint8Array | NarrowsError>();
  for (const id of ids) models.set(id, await store.loadModel(id).catch(orEnding));
  return ({ configuration: { warm } }: Trial) => (warm === undefined ? null : (models.get(warm) ?? null));
}

function orEnding(error: unknown): NarrowsError {
  if (error instanceof NarrowsError && FINAL.includes(error.code)) return error;
  throw error;
}
