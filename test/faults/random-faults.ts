/** Sweeps on an embedded stack that is disturbed at random moments. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeShard } from '../support/shards.ts';
import { ask, type OnFault, runDisturbed } from './disturbed-sweep.ts';
import type { Fault } from './draw-faults.ts';
import { type FaultStack, startFaultStack } from './fault-stack.ts';
import { readValues } from './stored-values.ts';

/** Differences of a sweep from the undisturbed one. */
export interface FaultReport {
  readonly trials: number;
  /** Planned trials without a result. */
  readonly lost: number;
  readonly duplicated: number;
  /** Trials and baselines that are compared, and those whose stored values differ in any bit. */
  readonly compared: number;
  readonly different: number;
  /** Types of the activities that were delivered twice. */
  readonly repeated: readonly string[];
}

export interface FaultBench extends AsyncDisposable {
  /** Trials of each sweep. */
  readonly trials: number;
  readonly stack: FaultStack;
  /** Runs the sweep with these faults and compares it with the undisturbed one. */
  run(name: string, faults: readonly Fault[], onFault?: OnFault): Promise<FaultReport>;
}

const REPEATS = 2;

/** Three methods, halving and several divisions of the rows: every kind of row of a sweep. */
const spec = (trials: number, epochs: number): string => `name: faults
dataset: little
target: xes
split: { repeats: ${REPEATS} }
space: { k: [1, 2], hidden: [24, 24], learningRate: { log: [0.003, 0.03] } }
seeds: 2
sampler: { random: { trials: ${Math.ceil(trials / REPEATS)} } }
halving: { reduction: 2, rungs: 2 }
training: { epochs: ${epochs}, batch: 16 }
`;

/** Starts a stack and trains a sweep of so many trials once without a fault. */
export async function startFaultBench(trials: number, epochs = 60): Promise<FaultBench> {
  await using resources = new AsyncDisposableStack();
  const stack = resources.use(await startFaultStack());
  const { project: it, sql } = stack;
  writeFileSync(join(it.directory, 'spec.yaml'), spec(trials, epochs));
  await it.json(['data', 'import', writeShard(join(it.directory, 'little'), { rows: 600 })]);
  const { sweepId: undisturbed, counts } = await runDisturbed(stack, 'undisturbed');
  const expected = await readValues(sql, undisturbed);

  const kept = resources.move();
  return {
    trials: counts.planned,
    stack,
    async run(name, faults, onFault) {
      await stack.untilUp();
      const { sweepId } = await runDisturbed(stack, name, faults, onFault);
      const repeated = stack.endRepeats();
      const values = await ask(() => readValues(sql, sweepId));
      const rows = values.filter(({ key }) => key.startsWith('trial '));
      const keys = new Set(rows.map(({ key }) => key));
      const byKey = new Map(values.map(({ key, value }) => [key, value]));
      return {
        trials: counts.planned,
        lost: counts.planned - rows.filter(({ hasResult }) => hasResult).length,
        duplicated: rows.length - keys.size,
        compared: expected.length,
        different: expected.filter(({ key, value }) => byKey.get(key) !== value).length,
        repeated,
      };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
