/** Hold-out rows of a champion: old ones are of the version it was trained on, new ones later. */
import { type Matrix, pickRows, type SplitRows } from '../axes.ts';
import { coveredVariance } from '../evaluation/covered-variance.ts';
import { continuity } from '../interpretation/continuity.ts';
import type { Cell } from '../methods/catalogue.ts';
import { loadModel } from '../stored/model.ts';
import { type Drift, detectDrift } from './drift.ts';
import { estimatePairedDifference } from './performance.ts';
import { decidePromotion } from './promotion.ts';
import type { ChallengeRecord, PairedScore } from './record.ts';

/** All rows of a dataset version, in physical units. */
export interface Rows {
  /** [N, D]. */
  readonly x: Matrix;
  /** [N, E]. */
  readonly y: Matrix;
  readonly split: SplitRows;
}

/** Returns hold-out rows among the first `known` and after them, and all rows after them. */
export function splitHoldOuts({ x, split }: Rows, known: number): { old: Uint32Array; fresh: Uint32Array; added: Uint32Array } {
  return {
    old: split.test.filter((row) => row < known),
    fresh: split.test.filter((row) => row >= known),
    added: Uint32Array.from({ length: Math.max(0, x.rows - known) }, (_, i) => known + i),
  };
}

export interface ChampionDriftOptions {
  readonly rows: Rows;
  /** Model file of the champion. */
  readonly champion: Uint8Array;
  readonly k: number;
  /** Number of rows of the version that the champion was trained on; they come first. */
  readonly known: number;
  readonly alpha: number;
  /** Minimum rows of either sample. */
  readonly fewest: number;
  readonly seed: number;
}

export interface DriftResult {
  readonly drift: Drift;
  readonly referenceRows: number;
  readonly freshRows: number;
}

/** Compares hold-out rows of the champion with all new rows; null if either has too few. */
export function detectChampionDrift({ rows, champion, k, known, alpha, fewest, seed }: ChampionDriftOptions): DriftResult | null {
  const { old, added } = splitHoldOuts(rows, known);
  if (old.length < fewest || added.length < fewest) return null;
  const model = loadModel(champion, { k });
  const sample = (chosen: Uint32Array) => {
    const x = pickRows(rows.x, chosen);
    return { x, y: pickRows(rows.y, chosen), prediction: model.predict(x) };
  };
  return { drift: detectDrift(sample(old), sample(added), { alpha, seed }), referenceRows: old.length, freshRows: added.length };
}

export interface Pairing extends Cell {
  readonly championId: number;
  readonly championTrial: string;
  readonly champion: Uint8Array;
  /** Number of rows of the version that the champion was trained on. */
  readonly known: number;
  /** Null where no trial of this method and width completed. */
  readonly challenger: { readonly trial: string; readonly model: Uint8Array } | null;
}

export interface ChallengeOptions {
  readonly rows: Rows;
  readonly pairings: readonly Pairing[];
  readonly margin: number;
  /** Minimum hold-out rows, old and new, for a decision. */
  readonly fewest: number;
  readonly seed: number;
}

/** Compares each challenger with its champion on hold-out rows, which neither was trained on. */
export function evaluateChallenges({ rows, pairings, margin, fewest, seed }: ChallengeOptions): ChallengeRecord[] {
  return pairings.map((pairing): ChallengeRecord => {
    const { method, k, championId, championTrial, known, challenger } = pairing;
    const about = { method, k, championId, championTrial, challengerTrial: challenger?.trial ?? null };
    const stays = { fresh: null, old: null, both: null, promoted: false, continuity: null } as const;
    if (!challenger) return { ...about, ...stays, reason: 'no challenger completed its training' };
    const { old, fresh } = splitHoldOuts(rows, known);
    const few = fresh.length < fewest ? ['new', fresh.length] : old.length < fewest ? ['old', old.length] : null;
    if (few) return { ...about, ...stays, reason: `${few[1]} ${few[0]} hold-out rows are too few to tell: ${fewest} are needed` };
    const models = [loadModel(pairing.champion, { k }), loadModel(challenger.model, { k })] as const;
    const held = (chosen: Uint32Array): PairedScore => {
      const [x, y] = [pickRows(rows.x, chosen), pickRows(rows.y, chosen)];
      const [ours, theirs] = [models[0].predict(x), models[1].predict(x)];
      return {
        rows: chosen.length,
        champion: coveredVariance(y, ours),
        challenger: coveredVariance(y, theirs),
        difference: estimatePairedDifference(y, ours, theirs, seed),
      };
    };
    const on = { fresh: held(fresh), old: held(old), both: held(rows.split.test) };
    const decision = decidePromotion({ fresh: on.fresh.difference, old: on.old.difference }, margin);
    return { ...about, ...on, ...decision, continuity: continuity(pairing.champion, challenger.model, k) };
  });
}
