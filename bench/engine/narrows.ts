/** narrows' side of the benchmark: packs through the public Engine interface. */
import { readKernelBuild } from '../../infra/env.ts';
import type { Engine } from '../../models/engines/engine.ts';
import { createKernelEngine } from '../../models/engines/kernel/engine.ts';
import type { TrialConfiguration } from '../../models/training/configuration.ts';
import type { PackData } from '../../models/training/task.ts';
import { type Case, configurationOf, stepsPerEpoch, syntheticData, tasksOf } from './cases.ts';

/** Returns the seconds of a pack of equal trials. Throws when one of them does not complete. */
export async function packSeconds(
  engine: Engine,
  data: PackData,
  configuration: TrialConfiguration,
  trials: number,
): Promise<number> {
  const hooks = {
    signal: new AbortController().signal,
    onReport: () => {},
    onProgress: () => {},
    onCheckpoint: () => {},
    checkpointSeconds: 60,
  };
  const from = performance.now();
  const reports = await engine.train({ data, tasks: tasksOf(configuration, trials) }, hooks);
  const seconds = (performance.now() - from) / 1000;
  const failed = reports.find(({ outcome }) => outcome !== 'completed');
  if (failed) throw new Error(`a trial of the benchmark ended as ${failed.outcome}`);
  return seconds;
}

/** Starts every thread and lets V8 optimise the code that this configuration uses. */
export async function warmUp(engine: Engine, data: PackData, configuration: TrialConfiguration): Promise<void> {
  await packSeconds(engine, data, { ...configuration, epochs: 2 }, 2 * engine.threads);
}

/** Returns milliseconds per step and trial. */
export async function measureNarrowsMs(engine: Engine, workload: Case): Promise<number> {
  const data = syntheticData(workload.inputs, workload.outputs);
  await warmUp(engine, data, configurationOf(workload));
  const seconds = await packSeconds(engine, data, configurationOf(workload), workload.trials);
  return (1000 * seconds) / (workload.epochs * stepsPerEpoch(workload) * workload.trials);
}

/** Runs a measurement on an engine of `threads` threads, and closes it. */
export async function withEngine<T>(threads: number, measure: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = createKernelEngine({ threads, build: readKernelBuild() });
  try {
    return await measure(engine);
  } finally {
    await engine.close();
  }
}
