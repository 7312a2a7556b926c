/**
 * Where work waits for a worker. Trainers may run on other machines; they poll the trainer queue
 * only.
 */
export const TASK_QUEUES = {
  /** Workflows and the light activities that read and write rows. */
  orchestrator: 'narrows-orchestrator',
  /** Activities that compute: trainPack, baselines. */
  trainer: 'narrows-trainer',
} as const;
