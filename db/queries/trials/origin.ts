/** What a trial came from: its configuration, and the data it was trained on. */
import { NarrowsError } from '../../../errors.ts';
import type { TrialConfiguration } from '../../../models/training/configuration.ts';
import type { Queryable } from '../../client.ts';

export interface TrialOrigin {
  readonly configuration: TrialConfiguration;
  readonly dataset: string;
  readonly datasetVersion: string;
  readonly target: string;
}

/** Throws NarrowsError `trial-unknown`. */
export async function findTrialOrigin(sql: Queryable, trialId: string): Promise<TrialOrigin> {
  const [origin] = await sql<TrialOrigin[]>`
    select t.configuration, s.dataset, t.dataset_version as "datasetVersion", s.target
    from trials t join sweeps s on s.id = t.sweep_id where t.id = ${trialId}`;
  if (origin) return origin;
  throw new NarrowsError('trial-unknown', `there is no trial "${trialId}"`, {
    path: 'trial',
    fix: 'see "narrows results SWEEP" for the trials of a sweep',
    kind: 'not-found',
  });
}
