/** Processor time of a proposal. */
import { draw } from '../../search/draw.ts';
import type { Point } from '../../search/parameters.ts';
import type { Observation, ProposalRequest } from '../../search/proposers/proposer.ts';
import { sobol } from '../../search/samplers/sobol.ts';
import type { Problem } from './problem.ts';

/** Proposals before those that are measured: code is compiled. */
const WARM_UP = 20;
const MEASURED = 100;

/** Returns the mean of the processor time of a proposal after so many drawn points, in ms. */
export function measureProposal(
  propose: (request: ProposalRequest) => Point,
  { space, objectives }: Problem,
  count: number,
): number {
  const at = sobol.createPoints({ trials: count, seed: 1 }, { space, cells: 1, widths: [1], seeds: 1 });
  const observations = Array.from({ length: count }, (_, n): Observation => {
    const costs = Array.from({ length: objectives - 1 }, (_, i) => draw(1, n, `cost ${i}`));
    return { point: at(n), score: draw(1, n, 'score'), ...(costs.length > 0 && { costs }) };
  });
  // Of another seed, so that no point is one of the sampler's own first ones.
  const request = { space, observations, pending: [], seed: 2, cell: 'bench', siblings: null };
  const proposeNext = (i: number) => propose({ ...request, number: count + i });
  for (let i = 0; i < WARM_UP; i++) proposeNext(i);
  // Of all together: the clock of a processor ticks in milliseconds.
  const before = process.threadCpuUsage();
  for (let i = 0; i < MEASURED; i++) proposeNext(WARM_UP + i);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 / MEASURED;
}
