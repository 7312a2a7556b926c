/** Task queues by role. Trainers may run on other machines, and poll the trainer queue only. */
export const TASK_QUEUES = {
  /** Workflows and the light activities that read and write rows. */
  orchestrator: 'narrows-orchestrator',
  /** Activities that compute: trainPack, baselines. */
  trainer: 'narrows-trainer',
} as const;
