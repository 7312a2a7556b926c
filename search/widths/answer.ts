/** The smallest sufficient width of each method, with its interval. */
import { assess, pairScores, type ScoredPartition } from '../../models/evaluation/estimates.ts';
import { type Cell, type Method, ranksOf } from '../../models/methods/catalogue.ts';
import { TAIL } from '../../models/statistics/reach.ts';
import { meanOf } from '../../models/vectors.ts';
import { smallestSufficient, type TriedWidth } from './search.ts';

/** Validation score of the network of one seed. */
export interface SeedScore {
  readonly seed: number;
  readonly validation: number;
}

/** Validation scores of the best configurations, on the first partition. */
export interface WidthScores {
  /** Those of the full emulator; none where no trial of a method that trains one completed. */
  readonly emulator: readonly SeedScore[];
  /** By method and width or rank, in any order; cells without a completed trial are missing. */
  readonly cells: readonly (Cell & { readonly scores: readonly SeedScore[] })[];
}

/** The smallest width at which a method falls short of the full emulator by at most the margin. */
export interface WidthAnswer {
  readonly method: Method;
  /** Smallest sufficient width among those tried; null: none suffices, or nothing is known. */
  readonly k: number | null;
  /** With `high`: the 95 % interval of the answer, over seeds. */
  readonly low: number;
  /** Null: the seeds do not show that any width that was tried suffices. */
  readonly high: number | null;
  /** Mean over seeds on validation rows at `k`. */
  readonly coveredVariance: number | null;
  /** The same of the full emulator; null: it has no score. */
  readonly full: number | null;
  readonly margin: number;
  /** Widest width that may be tried. */
  readonly max: number;
  /** By rising width. */
  readonly tried: readonly TriedWidth[];
}

/** Cells of a sweep that are trained, or to be trained, and how its widths are judged. */
export interface SearchedWidths {
  readonly margin: number;
  readonly max: number;
  readonly cells: readonly Cell[];
}

/** Returns the answers of the methods that have cells, in the order of these. */
export function answerWidths({ margin, max, cells }: SearchedWidths, scores: WidthScores): WidthAnswer[] {
  const full = scores.emulator.length > 0 ? meanOfScores(scores.emulator) : null;
  return [...Map.groupBy(cells, ({ method }) => method)].map(([method, own]) => {
    const tried = own
      .flatMap((cell) => ranksOf(cell))
      .sort((a, b) => a - b)
      .map((k) => ({ k, scores: scores.cells.find((one) => one.method === method && one.k === k)?.scores ?? [] }));
    const widths = tried.map((one) => ({
      k: one.k,
      coveredVariance: one.scores.length > 0 ? meanOfScores(one.scores) : null,
    }));
    const about = { method, margin, max, full, tried: widths };
    if (full === null) return { ...about, k: null, low: 1, high: null, coveredVariance: null };
    const found = smallestSufficient(widths, full - margin);
    return {
      ...about,
      k: found?.k ?? null,
      ...intervalOf(
        tried.map((one) => ({ k: one.k, ...shortfallOf(one.scores, scores.emulator) })),
        margin,
      ),
      coveredVariance: found?.coveredVariance ?? null,
    };
  });
}

const meanOfScores = (scores: readonly SeedScore[]): number => meanOf(scores.map(({ validation }) => validation));

/** Ends of the 95 % interval of a shortfall behind the emulator. */
interface Shortfall {
  readonly least: number;
  readonly most: number;
}

/** Nothing is known of a width without scores, or whose seeds are not several. */
const UNKNOWN: Shortfall = { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY };

/**
 * Returns how far a width falls short: the difference of the means, with the reach of differences
 * paired on seeds, so that what a seed does to both networks is left out.
 */
function shortfallOf(own: readonly SeedScore[], emulator: readonly SeedScore[]): Shortfall {
  const paired = pairScores([partitionOf(emulator)], [partitionOf(own)]);
  if (paired === null) return UNKNOWN;
  const { reach, isRepeated } = assess(paired, 1);
  if (reach === null || !isRepeated) return UNKNOWN;
  const [mean, { below, above }] = [meanOfScores(emulator) - meanOfScores(own), reach(TAIL)];
  return { least: mean - below, most: mean + above };
}

const partitionOf = (scores: readonly SeedScore[]): ScoredPartition => ({
  partition: 0,
  scored: scores.map(({ seed, validation }) => ({ key: String(seed), score: validation, errors: null })),
  units: null,
});

/**
 * Returns the interval of the smallest sufficient width, by tests in a fixed order, as for a
 * minimum effective dose (Hsu and Berger 1999, J. Am. Stat. Assoc. 94, 468): from the narrowest
 * width on, those that clearly fall short are below it; from the widest on, those that clearly
 * suffice are not. Each side errs with 2.5 %, and needs no adjustment for the number of tests, as
 * it ends with the first that is not clear.
 */
function intervalOf(tried: readonly (Shortfall & { readonly k: number })[], margin: number): Pick<WidthAnswer, 'low' | 'high'> {
  const open = tried.findIndex(({ least }) => !(least > margin));
  const doubtful = tried.findLastIndex(({ most }) => !(most <= margin));
  const short = tried.at(open === -1 ? -1 : open - 1);
  return { low: open === 0 || !short ? 1 : short.k + 1, high: tried[doubtful + 1]?.k ?? null };
}
