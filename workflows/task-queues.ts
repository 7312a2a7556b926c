import { type Identified, withIdentity } from './identity.ts';

/** Task queues by role. Trainers may run on other machines, and poll the trainer queue only. */
export const taskQueues = (database: Identified) => ({
  /** Workflows and the light activities that read and write rows. */
  orchestrator: withIdentity('narrows-orchestrator', database),
  /** Activities that compute: trainPack, baselines. */
  trainer: withIdentity('narrows-trainer', database),
});
