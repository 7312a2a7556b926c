/** Scores and counts that a search for widths decides by: search/widths/steps.ts. */
import type { Cell } from '../../../models/methods/catalogue.ts';
import type { SeedScore, WidthScores } from '../../../search/widths/answer.ts';
import type { Queryable } from '../../client.ts';
import { selectBestConfigurations } from './best-configurations.ts';

/** Returns the number of trials that have a row, by the names of cells that have any. */
export async function countByCell(sql: Queryable, sweepId: string): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ cell: string; trials: number }[]>`
    select cell, count(*)::int as trials from trials where sweep_id = ${sweepId} group by cell`;
  return new Map(rows.map(({ cell, trials }) => [cell, trials]));
}

/**
 * Returns the validation scores of the first partition by seed: of each method and width or rank at
 * its best configuration, and of the emulator at the architecture with most seeds, then the highest
 * mean.
 */
export async function listWidthScores(sql: Queryable, sweepId: string): Promise<WidthScores> {
  const [scores, emulator] = await Promise.all([
    sql<(Cell & SeedScore)[]>`
      with ${selectBestConfigurations(
        sql,
        sql`
        select t.partition, v.method, v.k, t.configuration_hash as hash, t.sweep_id, t.index, v.covered_variance as validation
        from covered_variances v join trials t on t.id = v.trial_id
        where v.sweep_id = ${sweepId} and v.split = 'validation' and v.covered_variance is not null and t.outcome = 'completed'
          and t.partition = 0`,
      )}
      select b.method, b.k, t.seed::float8 as seed, v.covered_variance as validation
      from best b
      join trials t on t.sweep_id = ${sweepId} and t.configuration_hash = b.hash and t.method = b.method and t.partition = 0
        and t.outcome = 'completed'
      join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.k = b.k and v.covered_variance is not null
      order by b.method, b.k, t.index`,
    sql<SeedScore[]>`
      with scores as (
        select seed, configuration_hash as hash, covered_variance as validation from baselines
        where sweep_id = ${sweepId} and name = 'emulator' and split = 'validation' and partition = 0 and covered_variance is not null
      ), best as (
        select hash from scores group by hash order by count(*) desc, avg(validation) desc, hash limit 1
      )
      select seed::float8 as seed, validation from scores join best using (hash) order by seed`,
  ]);
  const cells = Map.groupBy(scores, ({ method, k }) => `${method}/${k}`);
  return {
    emulator,
    cells: [...cells.values()].map((own) => {
      const { method, k } = own[0] as Cell;
      return { method, k, scores: own.map(({ seed, validation }) => ({ seed, validation })) };
    }),
  };
}
