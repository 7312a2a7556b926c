import { DEFAULT_CLASS } from '../search/trainer-classes.ts';
import { type Identified, withIdentity } from './identity.ts';

/** Trainers that an activity asks for. */
export interface TrainerKind {
  readonly class: string;
  /** Null: any engine. */
  readonly engine: string | null;
}

/** Trainers, and the silence after which the packs of one are trained by others. */
export interface PackTrainers extends TrainerKind {
  /** Absent: the shortest. */
  readonly heartbeatTimeoutMs?: number | undefined;
}

export const ANY_OF_DEFAULT_CLASS = { class: DEFAULT_CLASS, engine: null } as const satisfies TrainerKind;

/**
 * Task queues by role. Trainers may run on other machines, and poll the queues of their own class
 * and engines only.
 */
export const taskQueues = (database: Identified) => ({
  /** Workflows and the light activities that read and write rows. */
  orchestrator: withIdentity('narrows-orchestrator', database),
  /** Activities that compute, of sweeps that ask for no class or engine: trainPack, baselines. */
  trainer: trainerQueue(database, ANY_OF_DEFAULT_CLASS),
});

/** Returns the queue of activities that compute: 'narrows-trainer-gpu.tfjs-<identity>'. */
export function trainerQueue(database: Identified, { class: name, engine }: TrainerKind): string {
  // The queue of the default class has the name from before there were classes.
  const ofClass = name === DEFAULT_CLASS ? 'narrows-trainer' : `narrows-trainer-${name}`;
  return withIdentity(engine === null ? ofClass : `${ofClass}.${engine}`, database);
}
