/**
 * Compares samplers with Optuna's and with random points, on eleven problems, and those that weigh
 * two losses on six others: the regret after 50, 100 and 200 trials, one at a time and in batches,
 * and the time of a proposal. Runs are kept in --out, and those that it has are not repeated.
 *
 * `npm run bench:search -- --seeds 6 --problem 'rosenbrock 2' --sampler gp --out runs.jsonl`
 */
import { parseArgs } from 'node:util';
import { compareRegrets, countVerdicts, type Regrets, type Verdict } from './search/comparison.ts';
import { measureProposal } from './search/cost.ts';
import { mixed, mixedFront } from './search/mixed.ts';
import { startOptuna } from './search/optuna.ts';
import type { Problem } from './search/problem.ts';
import { PROBLEMS } from './search/problems.ts';
import { BUDGETS, createRunStore, search } from './search/runs.ts';
import {
  canSearch,
  createSearchers,
  PROPOSALS,
  SAMPLERS,
  type SamplerName,
  type SearcherName,
  weighs,
} from './search/searchers.ts';
import { digits, mean, median } from './statistics.ts';

const { values } = parseArgs({
  options: {
    problem: { type: 'string', multiple: true, default: PROBLEMS.map(({ name }) => name) },
    sampler: { type: 'string', multiple: true, default: [...SAMPLERS] },
    seeds: { type: 'string', default: '20' },
    out: { type: 'string' },
  },
});
const problems = PROBLEMS.filter(({ name }) => values.problem.includes(name));
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
const compared = SAMPLERS.filter((sampler) => values.sampler.includes(sampler));
if (problems.length === 0 || compared.length === 0 || seeds.length === 0) {
  console.error(`Name problems among: ${PROBLEMS.map(({ name }) => name).join(', ')}.`);
  console.error(`Name samplers among: ${SAMPLERS.join(', ')}; and at least one seed.`);
  process.exit(2);
}

/** Trials at a time, in addition to one. */
const BATCHES = [16, 64] as const;
/** Observations after which a proposal is timed. */
const OBSERVATIONS = 10_000;
const GP_OBSERVATIONS = 1000;
const LAST = BUDGETS.length - 1;

const optuna = startOptuna();
const searchers = createSearchers(optuna);
const store = createRunStore(values.out);

async function regretsOf(problem: Problem, searcher: SearcherName, workers = 1): Promise<Regrets> {
  const runs: (readonly number[])[] = [];
  for (const seed of seeds) {
    const key = { problem: problem.name, searcher, workers, seed };
    runs.push(await store.find(key, () => search(problem, searchers[searcher], workers, seed)));
  }
  return runs;
}

const meanAt = (regrets: Regrets, budget: number): number => mean(regrets.map((run) => run[budget] as number));

function print(problem: string, sampler: string, regrets: Regrets, verdicts: readonly (readonly Verdict[])[] = []): void {
  const means = BUDGETS.map((_, budget) => String(digits(meanAt(regrets, budget), 3)).padStart(9));
  console.log([problem.padEnd(20), sampler.padEnd(12), ...means, ...verdicts.map((of) => of.join(' ').padStart(22))].join(' '));
}

console.log(`mean regret after ${BUDGETS.join(', ')} trials; verdicts: against Optuna's, against random points`);
const samplers: Record<string, object> = {};
const batches: Record<string, Record<string, number>> = {};
for (const sampler of compared) {
  const verdicts: { readonly peer: readonly Verdict[]; readonly random: readonly Verdict[] }[] = [];
  // Mean regrets after the last budget, in relation to those of one at a time, by problem.
  const ratios = new Map<number, number[]>(BATCHES.map((workers) => [workers, []]));
  for (const problem of problems.filter(({ objectives }) => objectives > 1 === weighs(sampler))) {
    if (!canSearch(sampler, problem)) {
      console.log(`${problem.name.padEnd(20)} ${sampler} cannot search it`);
      continue;
    }
    const own = await regretsOf(problem, sampler);
    const peer = await regretsOf(problem, `optuna ${sampler}`);
    const random = await regretsOf(problem, 'random');
    const found = { peer: compareRegrets(own, peer), random: compareRegrets(own, random) };
    verdicts.push(found);
    print(problem.name, sampler, own, [found.peer, found.random]);
    print('', `optuna ${sampler}`, peer);
    print('', 'random', random);
    for (const [workers, of] of ratios) {
      const regrets = await regretsOf(problem, sampler, workers);
      print('', `${sampler} by ${workers}`, regrets);
      const [alone, together] = [meanAt(own, LAST), meanAt(regrets, LAST)];
      // Both may find the best point of a table.
      of.push(together === alone ? 1 : together / alone);
    }
  }
  const toRandom = countVerdicts(verdicts.map(({ random }) => random));
  const toPeer = countVerdicts(verdicts.map(({ peer }) => peer));
  batches[sampler] = Object.fromEntries([...ratios].map(([workers, of]) => [workers, digits(median(of), 3)]));
  const counts = { problems: verdicts.length, ...toPeer, betterThanRandom: toRandom.better };
  samplers[sampler] = { ...counts, batches: batches[sampler] };
}
const own = (sampler: SamplerName, problem: Problem, count: number): number =>
  digits(measureProposal(PROPOSALS[sampler], problem, count), 3);
const peer = async (sampler: SamplerName, problem: Problem, count: number): Promise<number> =>
  digits(1000 * (await optuna.time(sampler, problem, count)), 3);
/** Ten numbers, in whose space cmaes searches too. */
const numbers = PROBLEMS.find(({ name }) => name === 'sharp ridge 10') as Problem;
const COSTS: Readonly<Record<SamplerName, () => Promise<Record<string, number>>>> = {
  tpe: async () => ({ tpe10000: own('tpe', mixed, OBSERVATIONS), optunaTpe: await peer('tpe', mixed, OBSERVATIONS) }),
  gp: async () => ({ gp1000: own('gp', mixed, GP_OBSERVATIONS), optunaGp: await peer('gp', mixed, GP_OBSERVATIONS) }),
  cmaes: async () => ({
    cmaes200: own('cmaes', numbers, Math.max(...BUDGETS)),
    cmaes10000: own('cmaes', numbers, OBSERVATIONS),
    optunaCmaes: await peer('cmaes', numbers, OBSERVATIONS),
  }),
  nsga2: async () => ({
    nsga10000: own('nsga2', mixedFront, OBSERVATIONS),
    optunaNsga2: await peer('nsga2', mixedFront, OBSERVATIONS),
  }),
  motpe: async () => ({
    motpe10000: own('motpe', mixedFront, OBSERVATIONS),
    optunaMotpe: await peer('motpe', mixedFront, OBSERVATIONS),
  }),
};
const msPerProposal: Record<string, number> = {};
for (const sampler of compared) Object.assign(msPerProposal, await COSTS[sampler]());
optuna.close();
console.log(JSON.stringify({ bench: 'search', problems: problems.length, samplers, msPerProposal, batches: batches.tpe }));
