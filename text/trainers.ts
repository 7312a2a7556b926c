/** Trainers, and trials that wait for them, in words. */
import type { Route, TrainerGroup } from '../search/routes.ts';
import { DEFAULT_CLASS } from '../search/trainer-classes.ts';
import { METHOD_STYLES } from './methods.ts';

/** Returns why no trainer at work takes the trials of a route, and what helps. */
export function describeMissingTrainer(route: Route, groups: readonly TrainerGroup[]): string {
  const ofClass = groups.filter((group) => group.class === route.class);
  const engines = [...new Set(ofClass.flatMap((group) => group.engines))].sort();
  const others = engines.length === 0 ? '' : ` (those at work: ${engines.join(', ')})`;
  const lack = ofClass.length === 0 ? 'is at work' : `trains with ${route.engine}${others}`;
  return `no trainer of class "${route.class}" ${lack}: start one with "${workerCommand(route)}"`;
}

function workerCommand({ class: name, engine }: Route): string {
  const options = [name === DEFAULT_CLASS ? '' : ` --class ${name}`, engine === null ? '' : ` --engine ${engine}`];
  return `narrows worker --role trainer${options.join('')}`;
}

/** '12 trials (EDNN, NNCA) wait: no trainer of class "gpu" is at work: start one with "..."'. */
export function describeWaiting({ methods, trials, reason }: Pick<Route, 'methods'> & WaitingText): string {
  const labels = methods.map((method) => METHOD_STYLES[method].label).join(', ');
  return `${trials} ${trials === 1 ? 'trial' : 'trials'} (${labels}) ${trials === 1 ? 'waits' : 'wait'}: ${reason}`;
}

interface WaitingText {
  readonly trials: number;
  readonly reason: string;
}

/** '2 trainers of class cpu (kernel), 1 of class gpu (kernel, tfjs)'. */
export function describeTrainers(groups: readonly TrainerGroup[]): string {
  return groups
    .map(({ class: name, engines, trainers }, i) => {
      const noun = i > 0 ? '' : trainers === 1 ? ' trainer' : ' trainers';
      return `${trainers}${noun} of class ${name}${engines.length === 0 ? '' : ` (${engines.join(', ')})`}`;
    })
    .join(', ');
}
