/** Many trials at once on one device: equal network calls are executed together by a stack. */

import type { Answer, Computation, NetworkCall } from '../../training/network-calls.ts';
import type { TrialReport } from '../../training/report.ts';
import { networkOf, Stopped, type TrialHooks, trialSteps } from '../../training/run-trial.ts';
import type { PackData, TrialTask } from '../../training/task.ts';
import type { Tf } from './load.ts';
import { type DeviceData, type Member, StackedNetworks } from './stack.ts';

export interface LockstepHooks {
  /** Returns the hooks of one trial. */
  of(trialId: string): TrialHooks;
  report(report: TrialReport): void;
}

/** A running trial. */
interface Runner {
  readonly task: TrialTask;
  readonly member: number;
  readonly steps: Computation<TrialReport>;
  /** null: ended. */
  call: NetworkCall | null;
}

/**
 * Trains the tasks, group by group, at most `atOnce` at a time. The failure of a trial is its
 * ending; Stopped and failures of the device are thrown, except that a group too large for the
 * device's memory is halved.
 */
export function trainInLockstep(
  tf: Tf,
  device: DeviceData,
  data: PackData,
  tasks: readonly TrialTask[],
  atOnce: number,
  hooks: LockstepHooks,
): void {
  for (const group of groupsOf(data, tasks, hooks)) {
    for (let from = 0; from < group.length; from += atOnce) trainGroup(tf, device, data, group.slice(from, from + atOnce), hooks);
  }
}

/** Groups tasks of one stack: equal layers but for their widths, optimiser, batch and epochs. */
export function groupsOf(data: PackData, tasks: readonly TrialTask[], { report }: Pick<LockstepHooks, 'report'>): TrialTask[][] {
  const groups = new Map<string, TrialTask[]>();
  for (const task of tasks) {
    try {
      const { shape, training } = networkOf(data, task);
      const layers = shape.map(({ activation, bias, normalised = false }) => [activation, bias, normalised]);
      const { method, epochs, patience, restarts } = task.configuration;
      const { weightDecay: _, beta1, ...optimiser } = training.optimiser;
      // Members of a stack may differ in decay, in target scales, and sgd in its momentum.
      const shared = optimiser.name === 'sgd' ? optimiser : { ...optimiser, beta1 };
      const key = JSON.stringify([method, layers, training.batch, shared, epochs, patience > 0, restarts, task.untilEpoch]);
      groups.set(key, [...(groups.get(key) ?? []), task]);
    } catch (error) {
      report(failureReport(task, error));
    }
  }
  return [...groups.values()];
}

function trainGroup(tf: Tf, device: DeviceData, data: PackData, tasks: readonly TrialTask[], hooks: LockstepHooks): void {
  const ended = new Set<string>();
  const counting = {
    ...hooks,
    report: (report: TrialReport) => {
      ended.add(report.trialId);
      hooks.report(report);
    },
  };
  try {
    advanceTogether(tf, device, data, tasks, counting);
  } catch (error) {
    const rest = tasks.filter(({ trialId }) => !ended.has(trialId));
    if (!isOutOfMemory(error) || rest.length < 2) throw error;
    const half = Math.ceil(rest.length / 2);
    trainGroup(tf, device, data, rest.slice(0, half), hooks);
    trainGroup(tf, device, data, rest.slice(half), hooks);
  }
}

function advanceTogether(tf: Tf, device: DeviceData, data: PackData, tasks: readonly TrialTask[], hooks: LockstepHooks): void {
  const members: Member[] = tasks.map((task) => networkOf(data, task));
  const stack = new StackedNetworks(tf, device, members);
  const runners = tasks.map(
    (task, member): Runner => ({ task, member, steps: trialSteps(data, task, hooks.of(task.trialId)), call: null }),
  );
  const advance = (runner: Runner, answer?: Answer) => {
    try {
      const step = runner.steps.next(answer);
      runner.call = step.done ? null : step.value;
      // The device works for all of them at once: each is charged its share.
      if (step.done) hooks.report({ ...step.value, seconds: step.value.seconds / tasks.length });
    } catch (error) {
      if (error instanceof Stopped) throw error;
      runner.call = null;
      hooks.report(failureReport(runner.task, error));
    }
  };
  try {
    for (const runner of runners) advance(runner);
    for (;;) {
      const waiting = runners.filter(({ call }) => call !== null);
      if (waiting.length === 0) return;
      const together = nextCalls(waiting);
      const answers = executeTogether(stack, together);
      together.forEach((runner, i) => {
        advance(runner, answers[i]);
      });
    }
  } finally {
    stack.dispose();
  }
}

/** Returns the runners to execute next: those that only copy, else the most with equal calls. */
function nextCalls(waiting: readonly Runner[]): Runner[] {
  const sets = new Map<string, Runner[]>();
  for (const runner of waiting) {
    const key = keyOf(runner.call as NetworkCall);
    sets.set(key, [...(sets.get(key) ?? []), runner]);
  }
  const copying = [...sets].find(([key]) => COPIES.includes(key));
  if (copying) return copying[1];
  return [...sets.values()].reduce((most, set) => (set.length > most.length ? set : most));
}

const COPIES = ['setParameters', 'parameters', 'setOptimiserState', 'optimiserState'];

/** Calls with equal keys can be executed together. */
function keyOf({ kind, args }: NetworkCall): string {
  const ofRows = (rows: Uint32Array) => `${rows.length} ${rows[0]} ${rows.at(-1)}`;
  switch (kind) {
    case 'train':
      return `train ${args[0].length} ${args[1]} ${args[2].length}`;
    case 'squaredErrors':
      return `squaredErrors ${args[1] ? 'of inputs ' : ''}${ofRows(args[0])}`;
    case 'evaluate':
      return `evaluate ${args[1]} ${ofRows(args[0])}`;
    case 'inputGradient':
      return `inputGradient ${args[1].length}`;
    default:
      return kind;
  }
}

/** Executes calls with equal keys; none answers where nothing is to be copied out. */
function executeTogether(stack: StackedNetworks, runners: readonly Runner[]): readonly Answer[] {
  const calls = runners.map(({ call }) => call as NetworkCall);
  const [{ kind }] = calls as [NetworkCall];
  const members = runners.map(({ member }) => member);
  return Reflect.apply(stack[kind], stack, [members, calls.map(({ args }) => args)]) ?? [];
}

function failureReport({ trialId }: TrialTask, error: unknown): TrialReport {
  return { trialId, outcome: 'failed', code: 'trial-error', message: (error as Error).message, epochs: 0, seconds: 0 };
}

/** TensorFlow reports it in the message only. */
function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && /out of memory|OOM|failed to allocate|ResourceExhausted/i.test(error.message);
}
