/** Optuna's samplers, in a process of their own, on the problems of bench/search.ts. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { buildPoint, conditionOf, dimensionOf, PARAMETERS, valuesOf } from '../../search/parameters.ts';
import { findPeersPython } from '../peers/venv.ts';
import type { Problem } from './problem.ts';
import type { SamplerName, Study } from './searchers.ts';

const PROGRAM = fileURLToPath(new URL('../peers/optuna_sampler.py', import.meta.url));

const begun = z.object({ version: z.string() });
const answer = z.object({ point: z.record(z.string(), z.number()) });
const timed = z.object({ seconds: z.number().positive() });

export interface OptunaPeer {
  begin(sampler: SamplerName, problem: Problem, seed: number): Promise<Study>;
  /** Returns the processor seconds of a proposal after so many random points. */
  time(sampler: SamplerName, problem: Problem, observations: number): Promise<number>;
  close(): void;
}

/** Starts the process. */
export function startOptuna(): OptunaPeer {
  const child = spawn(findPeersPython(), [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  // An ended process is noticed by the end of its output.
  child.stdin.on('error', () => {});
  const request = async (content: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(content)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${PROGRAM} has ended`);
    return JSON.parse(value);
  };
  const begin = async (sampler: SamplerName, problem: Problem, seed: number) => {
    const varying = PARAMETERS.filter((name) => dimensionOf(problem.space, name).kind !== 'constant');
    const space = Object.fromEntries(
      varying.map((name) => {
        const condition = conditionOf(name);
        if (condition === null) return [name, dimensionOf(problem.space, name)];
        const { parent, values } = condition;
        const chosen = valuesOf(dimensionOf(problem.space, parent)).flatMap((value, i) => (values.includes(value) ? [i] : []));
        return [name, { ...dimensionOf(problem.space, name), condition: { parent, values: chosen } }];
      }),
    );
    begun.parse(await request({ sampler, space, seed, objectives: problem.objectives }));
  };
  return {
    async begin(sampler, problem, seed) {
      await begin(sampler, problem, seed);
      return {
        async next(ended) {
          const { point } = answer.parse(await request({ ended: ended.map(({ number, losses }) => [number, losses]) }));
          return buildPoint((name) => {
            const dimension = dimensionOf(problem.space, name);
            if (dimension.kind === 'constant') return dimension.value;
            return dimension.kind === 'choice' ? dimension.values[point[name] as number] : point[name];
          });
        },
      };
    },
    async time(sampler, problem, observations) {
      await begin(sampler, problem, 1);
      return timed.parse(await request({ observations })).seconds;
    },
    close: () => child.stdin.end(),
  };
}
