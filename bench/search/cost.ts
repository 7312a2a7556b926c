/** Time of a proposal. */
import { performance } from 'node:perf_hooks';
import { draw } from '../../search/draw.ts';
import type { Point } from '../../search/parameters.ts';
import type { Observation, ProposalRequest } from '../../search/proposers/proposer.ts';
import { sobol } from '../../search/samplers/sobol.ts';
import { median } from '../statistics.ts';
import type { Problem } from './problem.ts';

/** Proposals before those that are measured: code is compiled. */
const WARM_UP = 20;
const MEASURED = 50;

/** Returns the median time of a proposal after so many observations of drawn points, in ms. */
export function measureProposal(propose: (request: ProposalRequest) => Point, { space }: Problem, count: number): number {
  const at = sobol.createPoints({ trials: count, seed: 1 }, { space, cells: 1, seeds: 1 });
  const observations = Array.from({ length: count }, (_, n): Observation => ({ point: at(n), score: draw(1, n, 'score') }));
  const times = Array.from({ length: WARM_UP + MEASURED }, (_, i) => {
    const started = performance.now();
    propose({ space, observations, pending: [], seed: 1, cell: 'bench', number: count + i });
    return performance.now() - started;
  });
  return median(times.slice(WARM_UP));
}
