/** Configurations of one method and width in one partition, by the scores of their seeds. */
import { meanOf } from '../../../models/vectors.ts';

/** The seeds of a configuration that have a score, and the mean of their scores. */
interface Standing {
  readonly seeds: number;
  readonly mean: number;
}

/**
 * Returns a positive number if `a` ranks higher than `b`, a negative one if lower. As in a
 * comparison: no configuration wins by the luck of the seeds that it has left.
 */
const compareStandings = (a: Standing, b: Standing): number => a.seeds - b.seeds || a.mean - b.mean;

export class ScoredConfigurations {
  /** Number of configurations with a score. */
  size = 0;
  readonly #seeds: number;
  /** One per configuration and seed; NaN: none. */
  readonly #scores: Float64Array;
  readonly #structures: Float64Array;
  /** Seeds with a score, by configuration. */
  readonly #counts: Uint32Array;
  /** Configurations that changed since they were ranked. */
  readonly #changed = new Set<number>();
  #best: (Standing & { readonly configuration: number }) | null = null;

  constructor(configurations: number, seeds: number) {
    this.#seeds = seeds;
    this.#scores = new Float64Array(configurations * seeds).fill(Number.NaN);
    this.#structures = new Float64Array(configurations * seeds).fill(Number.NaN);
    this.#counts = new Uint32Array(configurations);
  }

  get bytes(): number {
    return this.#scores.byteLength + this.#structures.byteLength + this.#counts.byteLength;
  }

  /** The first of those that rank highest; -1 without any. */
  get best(): number {
    return this.#best?.configuration ?? -1;
  }

  /** Sets or removes (NaN) the score of a seed; `rank` must follow before the best is read. */
  set(configuration: number, seed: number, score: number, structure: number): void {
    const at = configuration * this.#seeds + seed;
    const change = Number(!Number.isNaN(score)) - Number(!Number.isNaN(this.#scores[at] as number));
    const before = this.#counts[configuration] as number;
    this.#scores[at] = score;
    this.#structures[at] = structure;
    this.#counts[configuration] = before + change;
    this.size += Number(before + change > 0) - Number(before > 0);
    this.#changed.add(configuration);
  }

  /** Ranks the configurations that changed; all of them only if the best one has become worse. */
  rank(): void {
    const former = this.#best;
    if (former && this.#changed.has(former.configuration)) {
      const now = this.#standingOf(former.configuration);
      this.#best = now && { ...now, configuration: former.configuration };
      if (!now || compareStandings(now, former) < 0) {
        this.#best = null;
        for (let configuration = 0; configuration < this.#counts.length; configuration++) this.#consider(configuration);
      }
    }
    for (const configuration of this.#changed) this.#consider(configuration);
    this.#changed.clear();
  }

  /** Lists the scores of the best configuration, by the position of their seeds. */
  scoresOfBest(): { readonly seed: number; readonly validation: number; readonly structure: number }[] {
    if (this.#best === null) return [];
    const first = this.#best.configuration * this.#seeds;
    return Array.from({ length: this.#seeds }, (_, seed) => ({
      seed,
      validation: this.#scores[first + seed] as number,
      structure: this.#structures[first + seed] as number,
    })).filter(({ validation }) => !Number.isNaN(validation));
  }

  #consider(configuration: number): void {
    const standing = this.#standingOf(configuration);
    if (!standing) return;
    const order = this.#best === null ? 1 : compareStandings(standing, this.#best);
    if (order > 0 || (order === 0 && configuration < this.best)) this.#best = { ...standing, configuration };
  }

  /** The mean is taken over the seeds in their order, whichever came first. */
  #standingOf(configuration: number): Standing | null {
    const first = configuration * this.#seeds;
    const own = this.#scores.subarray(first, first + this.#seeds).filter((score) => !Number.isNaN(score));
    return own.length === 0 ? null : { seeds: own.length, mean: meanOf(own) };
  }
}
