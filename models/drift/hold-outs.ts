/** Hold-out rows of a champion: old ones are of the version it was trained on, new ones later. */
import { type Matrix, pickRows, type SplitRows } from '../axes.ts';
import { coveredVariance } from '../evaluation/covered-variance.ts';
import { continuity } from '../interpretation/continuity.ts';
import type { Cell } from '../methods/catalogue.ts';
import { inUnitsOfScore } from '../standardisation.ts';
import { adjustHolm } from '../statistics/holm.ts';
import { loadModel } from '../stored/model.ts';
import { type Drift, type DriftOptions, detectDrift } from './drift.ts';
import { countGroups, type Groups, pickGroups } from './exchange.ts';
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
  /** Groups of the rows where the split is by group, else null: rows are then independent. */
  readonly groups: Groups | null;
}

/** Returns hold-out rows among the first `known` and after them, and all rows after them. */
export function splitHoldOuts({ x, split }: Rows, known: number): { old: Uint32Array; fresh: Uint32Array; added: Uint32Array } {
  return {
    old: split.test.filter((row) => row < known),
    fresh: split.test.filter((row) => row >= known),
    added: Uint32Array.from({ length: Math.max(0, x.rows - known) }, (_, i) => known + i),
  };
}

export interface ChampionDriftOptions extends DriftOptions {
  readonly rows: Rows;
  /** Model file of the champion. */
  readonly champion: Uint8Array;
  readonly k: number;
  /** Number of rows of the version that the champion was trained on; they come first. */
  readonly known: number;
  /** Minimum rows of either sample. */
  readonly fewest: number;
}

export interface DriftResult {
  readonly drift: Drift;
  readonly referenceRows: number;
  readonly freshRows: number;
}

/** Compares hold-out rows of the champion with all new rows; null if either has too few. */
export function detectChampionDrift({ rows, champion, k, known, fewest, ...options }: ChampionDriftOptions): DriftResult | null {
  const { old, added } = splitHoldOuts(rows, known);
  if (old.length < fewest || added.length < fewest) return null;
  const model = loadModel(champion, { k });
  const sample = (chosen: Uint32Array) => {
    const x = pickRows(rows.x, chosen);
    const groups = rows.groups && pickGroups(rows.groups, chosen);
    const scored = (targets: Matrix) => inUnitsOfScore(targets, model.scaling);
    return { x, y: scored(pickRows(rows.y, chosen)), prediction: scored(model.predict(x)), groups };
  };
  return { drift: detectDrift(sample(old), sample(added), options), referenceRows: old.length, freshRows: added.length };
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
  /** Minimum groups of these rows, where they come in groups. */
  readonly fewestGroups: number;
}

/**
 * Compares each challenger with its champion on hold-out rows, which neither was trained on. The
 * probabilities of all comparisons are adjusted together: of many challengers one is better by
 * chance.
 */
export function evaluateChallenges(options: ChallengeOptions): ChallengeRecord[] {
  const compared = options.pairings.map((pairing) => compareOnHoldOuts(pairing, options));
  const sides = compared.filter((one) => typeof one !== 'string');
  const adjusted = adjustHolm(sides.map(({ fresh }) => fresh.probability));
  return options.pairings.map(({ method, k, championId, championTrial, challenger }, i): ChallengeRecord => {
    const about = { method, k, championId, championTrial, challengerTrial: challenger?.trial ?? null };
    const found = compared[i] as Sides | string;
    if (typeof found === 'string') {
      return { ...about, fresh: null, old: null, both: null, promoted: false, reason: found, continuity: null };
    }
    const adjustedProbability = adjusted[sides.indexOf(found)] as number;
    const { fresh, old } = found;
    const differences = { fresh: fresh.difference, old: old.difference };
    const decision = decidePromotion({ ...differences, adjustedProbability, comparisons: sides.length }, options.margin);
    return { ...about, ...found, adjustedProbability, ...decision };
  });
}

type Score = PairedScore & { readonly probability: number };
type Sides = { readonly fresh: Score; readonly old: Score; readonly both: Score } & Pick<ChallengeRecord, 'continuity'>;

/** Returns the scores of a pairing on new, old and all hold-out rows, or the reason for none. */
function compareOnHoldOuts(
  { k, known, champion, challenger }: Pairing,
  { rows, fewest, fewestGroups }: ChallengeOptions,
): Sides | string {
  if (!challenger) return 'no challenger completed its training';
  const { old, fresh } = splitHoldOuts(rows, known);
  for (const [name, chosen] of [
    ['new', fresh],
    ['old', old],
  ] as const) {
    if (chosen.length < fewest) return `${chosen.length} ${name} hold-out rows are too few to tell: ${fewest} are needed`;
    const groups = rows.groups && countGroups(pickGroups(rows.groups, chosen));
    if (groups !== null && groups < fewestGroups) {
      return `${groups} ${groups === 1 ? 'group' : 'groups'} of ${name} hold-out rows are too few to tell: ${fewestGroups} are needed`;
    }
  }
  const models = [loadModel(champion, { k }), loadModel(challenger.model, { k })] as const;
  const score = (chosen: Uint32Array): Score => {
    const x = pickRows(rows.x, chosen);
    // In the champion's units for both: a challenger of other rows has other deviations.
    const [y, ours, theirs] = [pickRows(rows.y, chosen), models[0].predict(x), models[1].predict(x)].map((targets) =>
      inUnitsOfScore(targets, models[0].scaling),
    ) as [Matrix, Matrix, Matrix];
    const groups = rows.groups && pickGroups(rows.groups, chosen);
    const { interval, probability } = estimatePairedDifference(y, ours, theirs, groups);
    return {
      rows: chosen.length,
      groups: groups && countGroups(groups),
      champion: coveredVariance(y, ours),
      challenger: coveredVariance(y, theirs),
      difference: interval,
      probability,
    };
  };
  const continues = continuity(champion, challenger.model, k);
  return { fresh: score(fresh), old: score(old), both: score(rows.split.test), continuity: continues };
}
