/** Trains with the fastest of several engines, measured once on the first pack. */

import type { TrialReport } from '../training/report.ts';
import type { Engine, Pack, TrainHooks } from './engine.ts';

/** Epochs of the measurement; one more precedes it as a warm-up. */
const EPOCHS = 2;
/** Trials of the measurement: enough to fill any engine. */
const TRIALS = 32;

export interface Choice {
  readonly engine: Engine;
  /** Trials and epochs per second of each candidate, by build. */
  readonly rates: Readonly<Record<string, number>>;
}

/** Wraps the candidates; `onChoice` receives the measurement. `close` closes all of them. */
export function createAutoEngine(candidates: readonly [Engine, ...Engine[]], onChoice: (choice: Choice) => void): Engine {
  const [first] = candidates;
  let chosen: Promise<Choice> | null = null;
  let engine: Engine = first;
  let note = '';
  return {
    get name() {
      return engine.name;
    },
    get build() {
      return engine.build + note;
    },
    get threads() {
      return engine.threads;
    },
    async train(pack, hooks) {
      if (candidates.length > 1 && pack.tasks.length > 0) {
        chosen ??= chooseFastest(candidates, pack, hooks.signal).then((choice) => {
          engine = choice.engine;
          note = ` (auto: ${describeChoice(choice)})`;
          onChoice(choice);
          return choice;
        });
        try {
          await chosen;
        } catch (error) {
          chosen = null;
          throw error;
        }
      }
      return engine.train(pack, hooks);
    },
    async close() {
      await Promise.all(candidates.map((candidate) => candidate.close()));
    },
  };
}

/** 'kernel 210/s, tfjs 3.1/s': trials times epochs per second. */
export function describeChoice({ rates }: Choice): string {
  return Object.entries(rates)
    .map(([build, rate]) => `${build} ${rate.toPrecision(2)}/s`)
    .join(', ');
}

async function chooseFastest(candidates: readonly Engine[], pack: Pack, signal: AbortSignal): Promise<Choice> {
  const measured: { engine: Engine; rate: number }[] = [];
  for (const engine of candidates) measured.push({ engine, rate: await measureRate(engine, pack, signal) });
  const { engine } = measured.reduce((best, next) => (next.rate > best.rate ? next : best));
  return { engine, rates: Object.fromEntries(measured.map((one) => [one.engine.build, one.rate])) };
}

/** Returns trials times epochs per second; 0 for an engine that fails. */
async function measureRate(engine: Engine, pack: Pack, signal: AbortSignal): Promise<number> {
  const hooks: TrainHooks = {
    signal,
    onReport: () => {},
    onProgress: () => {},
    onCheckpoint: () => {},
    checkpointSeconds: Number.POSITIVE_INFINITY,
  };
  const probe = (epochs: number) =>
    pack.tasks.slice(0, TRIALS).map((task) => ({ ...task, untilEpoch: epochs, checkpoint: null }));
  try {
    await engine.train({ data: pack.data, tasks: probe(1) }, hooks);
    const from = performance.now();
    const reports: TrialReport[] = await engine.train({ data: pack.data, tasks: probe(EPOCHS) }, hooks);
    const seconds = (performance.now() - from) / 1000;
    return (reports.filter(({ outcome }) => outcome !== 'failed').length * EPOCHS) / seconds;
  } catch (error) {
    if (signal.aborted) throw error;
    return 0;
  }
}
