/** Removal of stored latents, without which comparisons stay as they are. */
import { expansionErrors, packErrors } from '../../../models/evaluation/test-errors.ts';
import type { LatentPolicy } from '../../../search/spec.ts';
import type { Queryable, Sql } from '../../client.ts';
import { reviseSweep } from '../sweeps/revision.ts';
import { loadTestLatents } from '../sweeps/test-errors.ts';
import { loadStructureSquares } from '../trials/report-details.ts';

export interface LatentsSize {
  readonly trials: number;
  readonly bytes: number;
}

/** Trials per transaction: bounds the memory of their latents. */
const BATCH_TRIALS = 50;

type Rest = Exclude<LatentPolicy, 'all'>;

/** Selects the trials whose latents a policy does not keep. */
const surplus = (sql: Queryable, sweepId: string, policy: Rest) => sql`
  trials t where t.sweep_id = ${sweepId} and exists (select from latents l where l.trial_id = t.id)
  ${policy === 'best' ? sql`and not exists (select from models m where m.trial_id = t.id)` : sql``}`;

/** Measures the latents that deleteLatents would delete. */
export async function measureLatents(sql: Queryable, sweepId: string, policy: Rest): Promise<LatentsSize> {
  const [row] = await sql<LatentsSize[]>`
    select count(*)::int as trials,
           coalesce(sum((select sum(octet_length(bytes)) from latents l where l.trial_id = t.id)), 0)::float8 as bytes
    from ${surplus(sql, sweepId, policy)}`;
  return row ?? { trials: 0, bytes: 0 };
}

/** Deletes the latents of a sweep that a policy does not keep; a second call deletes none. */
export async function deleteLatents(sql: Sql, sweepId: string, policy: Rest): Promise<LatentsSize> {
  const total = { trials: 0, bytes: 0 };
  for (;;) {
    const ids = await sql<{ id: string; partition: number }[]>`
      select t.id, t.partition from ${surplus(sql, sweepId, policy)} order by t.index limit ${BATCH_TRIALS}`;
    if (ids.length === 0) return total;
    await reviseSweep(sql, sweepId, async (transaction) => {
      await keepStructureErrors(transaction, sweepId, ids);
      const gone = await transaction<{ bytes: number }[]>`
        delete from latents where trial_id = any(${ids.map(({ id }) => id)}::text[]) returning octet_length(bytes) as bytes`;
      total.bytes += gone.reduce((sum, { bytes }) => sum + bytes, 0);
      return 'other';
    });
    total.trials += ids.length;
  }
}

/** Stores the errors of expanded structures, which follow from the latents of test rows. */
async function keepStructureErrors(
  sql: Queryable,
  sweepId: string,
  trials: readonly { readonly id: string; readonly partition: number }[],
): Promise<void> {
  const scores = await sql<{ trialId: string; k: number; structureTest: number }[]>`
    select e.trial_id as "trialId", e.k, v.structure_covered_variance as "structureTest" from test_errors e
    join covered_variances v on v.trial_id = e.trial_id and v.split = 'test' and v.k = e.k
    where e.trial_id = any(${trials.map(({ id }) => id)}::text[]) and e.structure_errors is null
      and v.structure_covered_variance is not null`;
  const [squares, latents] = await Promise.all([loadStructureSquares(sql, sweepId), loadTestLatents(sql, scores)]);
  const partitions = new Map(trials.map(({ id, partition }) => [id, partition]));
  for (const { trialId, k } of scores) {
    const [own, found] = [squares.get(partitions.get(trialId) ?? 0), latents.get(trialId)];
    const packed = own && found && packErrors(expansionErrors(own, { k, ...found }));
    if (packed)
      await sql`update test_errors set structure_errors = ${Buffer.from(packed)} where trial_id = ${trialId} and k = ${k}`;
  }
}
