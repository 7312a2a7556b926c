/** The contract of every engine. A deviation skips tests by name, with its reason. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Engine } from '../../../models/engines/engine.ts';
import { totalSquares } from '../../../models/evaluation/covered-variance.ts';
import type { TrialReport } from '../../../models/training/report.ts';
import type { PackData, TrialTask } from '../../../models/training/task.ts';
import { sumOf } from '../../../models/vectors.ts';
import { smoothData, taskOf, unwatched } from '../../support/data.ts';
import { warmTask } from '../../support/models.ts';

export interface Deviation {
  readonly reason: string;
  readonly tests: readonly string[];
}

export interface ContractOptions {
  readonly deviations?: readonly Deviation[];
  /** Trials of several shapes that all complete; by default of every method. */
  readonly tasks?: readonly TrialTask[];
  readonly data?: PackData;
}

const EVERY_METHOD: readonly TrialTask[] = [
  taskOf({ method: 'ednn', k: 1 }),
  taskOf({ method: 'ednn', k: 2, hidden: [13] }),
  taskOf({ method: 'nnca', k: 2, activation: 'silu' }),
  taskOf({ method: 'nnca', k: 2, restarts: 3 }, { trialId: 'restarts' }),
  taskOf({ method: 'eca', k: 2 }, { trialId: 'eca' }),
  taskOf(
    { method: 'ednn', k: 1, layerNorm: true, dropout: 0.1, optimiser: 'adamw', weightDecay: 0.01, schedule: 'cosine' },
    { trialId: 'adamw' },
  ),
  taskOf({ method: 'nnca', k: 1, dropout: 0.2, optimiser: 'sgd', weightDecay: 0.001, schedule: 'step' }, { trialId: 'sgd' }),
  warmTask({ method: 'ednn', k: 2, layerNorm: true }, { trialId: 'warm ednn' }),
  warmTask({ method: 'nnca', k: 2 }, { trialId: 'warm nnca' }),
  warmTask({ method: 'eca', k: 2 }, { trialId: 'warm eca' }),
  taskOf({ method: 'eca', k: 1, targetWeighting: 1 }, { trialId: 'weighted eca' }),
  warmTask({ method: 'nnca', k: 2, targetWeighting: -2 }, { trialId: 'weighted warm nnca' }),
];

/** Returns the content of a report without its times. */
export function contentOf(report: TrialReport | undefined): unknown {
  assert.ok(report);
  const { seconds: _, ...content } = report;
  return content;
}

/** `make` starts an engine with as many threads, where it has threads. */
export function engineContract(
  name: string,
  make: (threads: number) => Engine | Promise<Engine>,
  { deviations = [], tasks = EVERY_METHOD, data = smoothData() }: ContractOptions = {},
): void {
  describe(`${name} keeps the contract of engines`, () => {
    const [first] = tasks as readonly [TrialTask];
    const known: string[] = [];
    const engines: Engine[] = [];
    after(async () => {
      await Promise.all(engines.map((engine) => engine.close()));
      for (const { tests } of deviations) for (const one of tests) assert.ok(known.includes(one), `"${one}" is not a test`);
    });
    const start = async (threads = 1) => {
      const engine = await make(threads);
      engines.push(engine);
      return engine;
    };
    const keeps = (what: string, check: () => Promise<void>) => {
      known.push(what);
      test(what, { skip: deviations.find(({ tests }) => tests.includes(what))?.reason ?? false }, check);
    };

    keeps('gives a trial the same bits alone, in any pack, in any order, on any number of threads', async () => {
      const one = await start();
      const alone = new Map<string, unknown>();
      for (const task of tasks) alone.set(task.trialId, contentOf((await one.train({ data, tasks: [task] }, unwatched()))[0]));
      for (const [threads, pack] of [
        [1, tasks],
        [2, [...tasks].reverse()],
        [3, [...tasks.slice(2), ...tasks.slice(0, 2)]],
      ] as const) {
        const reports = await (await start(threads)).train({ data, tasks: pack }, unwatched());
        for (const [i, report] of reports.entries()) {
          assert.equal(report.trialId, pack[i]?.trialId);
          assert.deepEqual(contentOf(report), alone.get(report.trialId), report.trialId);
        }
      }
    });

    keeps('resumes from rungs and checkpoints without a change in any bit', async () => {
      const engine = await start(2);
      for (const task of tasks) {
        const [whole] = await engine.train({ data, tasks: [task] }, unwatched());
        const [rung] = await engine.train({ data, tasks: [{ ...task, untilEpoch: 2 }] }, unwatched());
        assert.equal(rung?.outcome, 'rung');
        const saved: Uint8Array[] = [];
        const hooks = {
          ...unwatched(),
          checkpointSeconds: 0,
          onCheckpoint: ({ bytes }: { bytes: Uint8Array }) => saved.push(bytes),
        };
        const [resumed] = await engine.train({ data, tasks: [{ ...task, checkpoint: rung.checkpoint }] }, hooks);
        assert.deepEqual(contentOf(resumed), contentOf(whole));
        assert.ok(saved.length > 0);
        // One that cannot be read begins again.
        for (const checkpoint of [...saved, Uint8Array.of(0, 0, 0, 0)]) {
          const [again] = await engine.train({ data, tasks: [{ ...task, checkpoint }] }, unwatched());
          assert.deepEqual(contentOf(again), contentOf(whole));
        }
      }
    });

    keeps('reports as each trial ends, and progress while it trains', async () => {
      const engine = await start(2);
      const ended: string[] = [];
      const progress = new Set<string>();
      const reports = await engine.train(
        { data, tasks },
        {
          ...unwatched(),
          onReport: ({ trialId }) => ended.push(trialId),
          onProgress: ({ trialId, epoch }) => {
            assert.ok(epoch >= 0 && epoch <= first.configuration.epochs);
            progress.add(trialId);
          },
        },
      );
      const names = tasks.map(({ trialId }) => trialId);
      assert.deepEqual(
        reports.map(({ trialId }) => trialId),
        names,
      );
      assert.deepEqual(ended.toSorted(), names.toSorted());
      assert.deepEqual([...progress].toSorted(), names.toSorted());
    });

    keeps('reports errors of the test rows that add up to the test scores', async () => {
      const spread = totalSquares(data.y, data.rows.test);
      for (const report of await (await start()).train({ data, tasks }, unwatched())) {
        assert.ok(report.outcome === 'completed');
        for (const { split, coveredVariance, errors } of [...report.scores, ...report.emulator]) {
          if (split !== 'test') assert.equal(errors, null);
          else {
            assert.equal(errors?.length, data.rows.test.length);
            assert.ok(Math.abs(1 - sumOf(errors) / spread - coveredVariance) < 1e-12);
          }
        }
      }
    });

    keeps('takes several packs at once', async () => {
      const engine = await start(2);
      const half = Math.ceil(tasks.length / 2);
      const packs = await Promise.all([
        engine.train({ data, tasks: tasks.slice(0, half) }, unwatched()),
        engine.train({ data, tasks: tasks.slice(half) }, unwatched()),
      ]);
      assert.deepEqual(
        packs.flat().map(({ outcome }) => outcome),
        tasks.map(() => 'completed'),
      );
    });

    keeps('ends an empty pack without a report', async () => {
      assert.deepEqual(await (await start()).train({ data, tasks: [] }, unwatched()), []);
    });

    keeps('rejects with the reason of an abort, and trains the next pack', async () => {
      const engine = await start(2);
      const abort = new AbortController();
      const endless = taskOf({ method: 'ednn', k: 2, epochs: 1_000_000 }, { trialId: 'endless' });
      const hooks = { ...unwatched(), signal: abort.signal, onProgress: () => abort.abort(new Error('enough')) };
      await assert.rejects(engine.train({ data, tasks: [endless, { ...endless, trialId: 'endless too' }] }, hooks), /enough/);
      await assert.rejects(engine.train({ data, tasks: [first] }, hooks), /enough/);
      const [next] = await engine.train({ data, tasks: [first] }, unwatched());
      assert.equal(next?.outcome, 'completed');
    });

    keeps('rejects with what a hook throws', async () => {
      const engine = await start();
      const onReport = () => {
        throw new Error('no more reports');
      };
      await assert.rejects(engine.train({ data, tasks: [first] }, { ...unwatched(), onReport }), /no more reports/);
      const [next] = await engine.train({ data, tasks: [first] }, unwatched());
      assert.equal(next?.outcome, 'completed');
    });

    keeps('ends a trial that diverges or cannot be trained with a report, and trains the others', async () => {
      const reports = await (await start(2)).train(
        {
          data,
          tasks: [
            taskOf({ method: 'ednn', k: 1, learningRate: 1e30 }, { trialId: 'diverges' }),
            taskOf({ method: 'nnca', k: 9 }, { trialId: 'impossible' }),
            first,
          ],
        },
        unwatched(),
      );
      const [diverged, failed, completed] = reports;
      assert.equal(completed?.outcome, 'completed');
      assert.ok(diverged?.outcome === 'diverged');
      assert.match(diverged.message, /no longer finite in epoch \d+ of \d+, at a peak learning rate of 1e\+30/);
      assert.ok(failed?.outcome === 'failed');
      assert.match(failed.message, /k = 9 is more than the 3 descriptors/);
    });

    keeps('ends a warm start whose model does not fit with a report', async () => {
      const { initial } = warmTask({ method: 'ednn', k: 2 });
      const reports = await (await start()).train(
        {
          data,
          tasks: [
            warmTask({ method: 'ednn', k: 1 }, { trialId: 'another width', initial }),
            warmTask({ method: 'ednn', k: 1 }, { trialId: 'damaged', initial: Uint8Array.of(1, 2, 3) }),
            first,
          ],
        },
        unwatched(),
      );
      assert.deepEqual(
        reports.map((report) => (report.outcome === 'failed' ? report.code : report.outcome)),
        ['model-unfit', 'model-damaged', 'completed'],
      );
    });

    keeps('rejects what trains when it is closed, and every pack after', async () => {
      const engine = await start();
      const endless = taskOf({ method: 'ednn', k: 2, epochs: 1_000_000 });
      let closed: Promise<void> | null = null;
      const onProgress = () => {
        closed ??= engine.close();
      };
      await assert.rejects(engine.train({ data, tasks: [endless] }, { ...unwatched(), onProgress }));
      await closed;
      await assert.rejects(engine.train({ data, tasks: [first] }, unwatched()), /closed/);
    });
  });
}
