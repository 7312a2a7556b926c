/** How long a planned sweep would train, and how much of a core it would take. */
import { FLOPS_PER_CORE } from './packing.ts';
import type { SweepPlan } from './plan.ts';
import { type Route, routesOf, serves } from './routes.ts';
import type { SweepSpec } from './spec.ts';

/** A trainer at work. */
export interface TrainerSpeed {
  readonly class: string;
  /** Engines that a sweep can ask it for. */
  readonly engines: readonly string[];
  readonly threads: number;
  /** Floating-point operations per second of training; null before it was measured in its class. */
  readonly flops: number | null;
}

export interface TrainingEstimate {
  /** From start to end, on the trainers at work, with nothing else to train. */
  readonly seconds: number;
  /** Time of one thread of those trainers that all trials take together. */
  readonly threadSeconds: number;
  /** Threads that would train. */
  readonly threads: number;
  /** Where the speed is from: what these trainers have trained, or a nominal speed of a core. */
  readonly speed: 'measured' | 'nominal';
  /** Whether trainers are at work; otherwise the estimate is for the cores of this machine. */
  readonly isStaffed: boolean;
}

/**
 * Estimates the training. Each class of trainers works on its own trials, so that the slowest class
 * decides how long it takes; a class without trainers is estimated with this many `cores`.
 */
export function estimateTraining(
  spec: Pick<SweepSpec, 'methods' | 'class' | 'engine'>,
  plan: Pick<SweepPlan, 'methods'>,
  trainers: readonly TrainerSpeed[],
  cores: number,
): TrainingEstimate {
  const flopsOf = ({ methods }: Route) =>
    plan.methods.reduce((sum, { method, flops }) => sum + (methods.includes(method) ? flops : 0), 0);
  const byClass = [...Map.groupBy(routesOf(spec), (route) => route.class).values()].map((routes) => {
    const staff = trainers.filter((trainer) => routes.some((route) => serves(trainer, route)));
    const threads = staff.length === 0 ? cores : staff.reduce((sum, trainer) => sum + trainer.threads, 0);
    const speed =
      staff.length === 0
        ? cores * FLOPS_PER_CORE
        : staff.reduce((sum, trainer) => sum + (trainer.flops ?? trainer.threads * FLOPS_PER_CORE), 0);
    const seconds = routes.reduce((sum, route) => sum + flopsOf(route), 0) / speed;
    return { seconds, threads, isMeasured: staff.some(({ flops }) => flops !== null), isStaffed: staff.length > 0 };
  });
  return {
    seconds: Math.max(...byClass.map(({ seconds }) => seconds)),
    threadSeconds: byClass.reduce((sum, { seconds, threads }) => sum + seconds * threads, 0),
    threads: byClass.reduce((sum, { threads }) => sum + threads, 0),
    speed: byClass.every(({ isMeasured }) => isMeasured) ? 'measured' : 'nominal',
    isStaffed: byClass.every(({ isStaffed }) => isStaffed),
  };
}
