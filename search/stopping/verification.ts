/**
 * Verification of decisions at rungs, afterwards and from what is stored. Where all trials of a
 * rung are decided about together, the rule decides again. Where rungs overlap, which scores a
 * decision saw is not recorded: those that cannot have been right are found, and no others.
 */
import { createBrackets } from './brackets.ts';
import { type HalvingSettings, rankCompetitors, survivorCount } from './halving.ts';
import { type Competitor, type Decision, groupCompetitors, type RungScore, type RungTrial } from './rung.ts';

/** A decision about a trial at a rung, or the lack of one, that the rule does not allow. */
export interface DecisionFault {
  /** Number of the trial. */
  readonly index: number;
  readonly problem: string;
  /** Whether it may be right if trials reached the rung after it was decided about. */
  readonly dependsOnArrivals: boolean;
}

export interface CheckedRung {
  /** Trials that were promoted past the rung, or pruned at it. */
  readonly decisions: number;
  /** By rising number of the trial. */
  readonly faults: readonly DecisionFault[];
}

/** Compares the decisions at a rung whose trials are decided about together with the rule's. */
export function checkTogether<Trial extends RungTrial>(
  trials: readonly Trial[],
  rung: number,
  decide: (trials: readonly Trial[]) => Decision,
): CheckedRung {
  const decisions = countDecisions(trials);
  if (decisions === 0) return { decisions, faults: [] };
  const undecided = trials.map((trial) => (trial.decided === 'completed' ? trial : ({ ...trial, decided: null } as Trial)));
  const goOn = new Set(decide(undecided).promoted);
  const isSplit = findSplit(trials);
  const faults = trials.flatMap((trial): DecisionFault[] => {
    const { index, decided } = trial;
    if (decided === 'completed') return [];
    const problem = findProblem(decided, goOn.has(index), rung);
    return problem === null ? [] : [{ index, problem, dependsOnArrivals: !isSplit(trial) }];
  });
  return { decisions, faults: sortFaults(faults) };
}

function findProblem(decided: 'promoted' | 'pruned' | null, goesOn: boolean, rung: number): string | null {
  if (decided === null) return waitsAt(rung);
  if (decided === 'promoted') return goesOn ? null : `it was promoted past rung ${rung + 1}, where the rule prunes it`;
  return goesOn ? `it was pruned at rung ${rung + 1}, past which the rule promotes it` : null;
}

const waitsAt = (rung: number): string => `it waits at rung ${rung + 1}, which has ended`;

/** A trial that reached a rung of asynchronous halving. */
export interface ReachedTrial extends RungScore {
  /** Its place among those that were promoted past the rung; null: it was not promoted. */
  readonly place: number | null;
}

/**
 * Checks what holds in any order in which trials reach a rung: all trials of a configuration share
 * a fate; each that was promoted can have been among the best 1/reduction of those that had reached
 * the rung; and where the rung has ended, the best 1/reduction of all have been promoted.
 */
export function checkReached(
  settings: HalvingSettings,
  trials: readonly ReachedTrial[],
  { rung, pointOf }: { readonly rung: number; readonly pointOf: (index: number) => number },
): CheckedRung {
  const bracketAt = createBrackets(settings);
  const groups = groupCompetitors(trials, (index) => bracketAt(pointOf(index)));
  const faults = groups.flatMap(({ bracket, competitors }) => {
    const isUnjudged = bracket > rung;
    const ranked = rankCompetitors(competitors);
    return [
      ...findUnlikeSeeds(ranked, rung),
      ...findUnplaced(ranked, rung),
      ...(isUnjudged
        ? findJudged(ranked, rung)
        : [...findKeptBack(ranked, rung, settings), ...findPreferred(ranked, rung, settings)]),
    ];
  });
  return { decisions: countDecisions(trials), faults: sortFaults(faults) };
}

type Ranked = readonly Competitor<ReachedTrial>[];

/** Yields trials that were pruned although others of their configuration were promoted. */
function* findUnlikeSeeds(ranked: Ranked, rung: number): Generator<DecisionFault> {
  for (const { trials } of ranked) {
    if (!trials.some(isPromoted)) continue;
    const problem = `it was pruned at rung ${rung + 1}, past which another seed of its configuration was promoted`;
    for (const { index } of trials.filter(isPruned)) yield { index, problem, dependsOnArrivals: false };
  }
}

/** Yields trials that were promoted and have no place among those that were. */
function* findUnplaced(ranked: Ranked, rung: number): Generator<DecisionFault> {
  const problem = `it was promoted past rung ${rung + 1}, and has no place among those that were`;
  for (const { trials } of ranked) {
    for (const trial of trials)
      if (isPromoted(trial) && trial.place === null) yield { index: trial.index, problem, dependsOnArrivals: false };
  }
}

/** Yields trials that were pruned at a rung which their bracket passes. */
function* findJudged(ranked: Ranked, rung: number): Generator<DecisionFault> {
  const problem = `it was pruned at rung ${rung + 1}, which its bracket passes`;
  for (const { index } of ranked.flatMap(({ trials }) => trials.filter(isPruned)))
    yield { index, problem, dependsOnArrivals: false };
}

/** Yields trials that a rung which has ended should have promoted, or pruned. */
function* findKeptBack(ranked: Ranked, rung: number, { reduction }: HalvingSettings): Generator<DecisionFault> {
  // Trials are pruned once nothing more reaches the rung.
  if (!ranked.some(({ trials }) => trials.some(isPruned))) return;
  const survivors = survivorCount(ranked.length, reduction);
  for (const [i, { trials }] of ranked.entries()) {
    if (trials.some(isPromoted)) continue;
    for (const { index, decided } of trials) {
      if (decided === null) yield { index, problem: waitsAt(rung), dependsOnArrivals: true };
      if (decided !== 'pruned' || i >= survivors) continue;
      const problem = `it was pruned at rung ${rung + 1}, and is among the best ${survivors} of the ${ranked.length} that reached it`;
      yield { index, problem, dependsOnArrivals: true };
    }
  }
}

/**
 * Yields trials that were promoted and cannot have been among the best: if all worse ones had
 * reached the rung before, and of the better ones only those with an earlier place.
 */
function* findPreferred(ranked: Ranked, rung: number, { reduction }: HalvingSettings): Generator<DecisionFault> {
  const survivors = survivorCount(ranked.length, reduction);
  const places = ranked.map(placeOf);
  for (const [i, { trials }] of ranked.entries()) {
    const place = places[i] as number;
    // The best of all may have been promoted at the end of the rung.
    if (place === Number.POSITIVE_INFINITY || i < survivors) continue;
    const better = places.slice(0, i).filter((other) => other < place).length;
    const worse = ranked.length - 1 - i;
    if (better + 1 <= Math.floor((better + 1 + worse) / reduction)) continue;
    const problem = `it was promoted past rung ${rung + 1} after ${better} better and with at most ${worse} worse ones, and is not among the best 1/${reduction}`;
    for (const { index } of trials.filter(isPromoted)) yield { index, problem, dependsOnArrivals: true };
  }
}

/** Returns the first place of the trials of a configuration; Infinity: none has one. */
const placeOf = ({ trials }: Competitor<ReachedTrial>): number =>
  Math.min(...trials.filter(isPromoted).map(({ place }) => place ?? Number.POSITIVE_INFINITY));

const isPromoted = ({ decided }: RungTrial): boolean => decided === 'promoted';
const isPruned = ({ decided }: RungTrial): boolean => decided === 'pruned';

const countDecisions = (trials: readonly RungTrial[]): number =>
  trials.filter((trial) => isPromoted(trial) || isPruned(trial)).length;

/** Returns whether the configuration of a trial has promoted and pruned trials in its partition. */
function findSplit(trials: readonly RungTrial[]): (trial: RungTrial) => boolean {
  const keyOf = ({ partition, configurationHash }: RungTrial) => `${partition} ${configurationHash}`;
  const keysOf = (some: (trial: RungTrial) => boolean) => new Set(trials.filter(some).map(keyOf));
  const [promoted, pruned] = [keysOf(isPromoted), keysOf(isPruned)];
  return (trial) => promoted.has(keyOf(trial)) && pruned.has(keyOf(trial));
}

const sortFaults = (faults: readonly DecisionFault[]): DecisionFault[] => faults.toSorted((a, b) => a.index - b.index);
