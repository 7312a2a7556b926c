/** The samplers that bench/search.ts compares. */
import { dimensionOf, PARAMETERS, type Point } from '../../search/parameters.ts';
import { isOrdered } from '../../search/proposers/cmaes/ordered-axes.ts';
import { cmaes } from '../../search/proposers/cmaes.ts';
import { gp } from '../../search/proposers/gp.ts';
import { nsga2 } from '../../search/proposers/nsga2.ts';
import type { Observation, ProposalRequest } from '../../search/proposers/proposer.ts';
import { tpe } from '../../search/proposers/tpe.ts';
import { random } from '../../search/samplers/random.ts';
import type { OptunaPeer } from './optuna.ts';
import type { Losses, Problem } from './problem.ts';

export interface Ended {
  /** Number of the point. */
  readonly number: number;
  /** Null where it diverged. */
  readonly losses: Losses | null;
}

export interface Study {
  /** Returns the next point, given those that ended since the last call. */
  next(ended: readonly Ended[]): Promise<Point>;
}

/** Begins a study of a problem at a seed. */
export type Searcher = (problem: Problem, seed: number) => Promise<Study>;

/** Points that are drawn before any is proposed, as many as Optuna's. */
const STARTUP = 10;
/** As many as a spec that names no other number has. */
const NSGA2_STARTUP = 16;

type Propose = (request: ProposalRequest) => Point;

/** Samplers that are compared with their peer in Optuna, with settings; motpe: tpe with costs. */
export const PROPOSALS = {
  tpe: (request) => tpe.propose({ startup: STARTUP }, request),
  gp: (request) => gp.propose({ startup: STARTUP }, request),
  cmaes: (request) => cmaes.propose({ startup: STARTUP }, request),
  nsga2: (request) => nsga2.propose({ startup: NSGA2_STARTUP }, request),
  motpe: (request) => tpe.propose({ startup: STARTUP }, request),
} as const satisfies Readonly<Record<string, Propose>>;
export type SamplerName = keyof typeof PROPOSALS;
export const SAMPLERS = Object.keys(PROPOSALS) as readonly SamplerName[];

/** Whether a sampler weighs several losses. */
export const weighs = (sampler: SamplerName): boolean => sampler === 'nsga2' || sampler === 'motpe';

/** Whether a sampler searches the space of a problem, or is refused by its check. */
export const canSearch = (sampler: SamplerName, { space }: Problem): boolean =>
  sampler !== 'cmaes' || PARAMETERS.every((name) => isOrdered(dimensionOf(space, name)));

const proposing =
  (propose: Propose): Searcher =>
  async ({ space }, seed) => {
    const points: Point[] = [];
    const known = new Map<number, Losses | null>();
    return {
      async next(ended) {
        for (const { number, losses } of ended) known.set(number, losses);
        const observations = points.flatMap((point, n): Observation[] => {
          const losses = known.get(n);
          if (losses === undefined) return [];
          const [loss, ...costs] = losses ?? [];
          return [{ point, score: loss === undefined ? null : -loss, ...(costs.length > 0 && { costs }) }];
        });
        const pending = points.filter((_, n) => !known.has(n));
        const point = propose({ space, observations, pending, seed, cell: 'bench', number: points.length, siblings: null });
        points.push(point);
        return point;
      },
    };
  };

const drawing: Searcher = async ({ space }, seed) => {
  const at = random.createPoints({ trials: 0, seed }, { space, cells: 1, widths: [1], seeds: 1 });
  let number = 0;
  return { next: async () => at(number++) };
};

export type SearcherName = 'random' | SamplerName | `optuna ${SamplerName}`;

/** Returns the searchers by name. */
export const createSearchers = (optuna: OptunaPeer): Readonly<Record<SearcherName, Searcher>> => ({
  random: drawing,
  tpe: proposing(PROPOSALS.tpe),
  'optuna tpe': (problem, seed) => optuna.begin('tpe', problem, seed),
  gp: proposing(PROPOSALS.gp),
  'optuna gp': (problem, seed) => optuna.begin('gp', problem, seed),
  cmaes: proposing(PROPOSALS.cmaes),
  'optuna cmaes': (problem, seed) => optuna.begin('cmaes', problem, seed),
  nsga2: proposing(PROPOSALS.nsga2),
  'optuna nsga2': (problem, seed) => optuna.begin('nsga2', problem, seed),
  motpe: proposing(PROPOSALS.motpe),
  'optuna motpe': (problem, seed) => optuna.begin('motpe', problem, seed),
});
