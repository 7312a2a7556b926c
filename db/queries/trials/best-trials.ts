import type { Method } from '../../../models/methods/catalogue.ts';
import type { Queryable } from '../../client.ts';

/** Weights kept per method and width (for ECA: per rank): see docs/decisions/0004-kept-weights.md. */
export const KEPT_MODELS = 3;

export interface CellKey {
  readonly method: Method;
  /** Width, for ECA the rank. */
  readonly k: number;
}

/**
 * A table expression `best` of the trials with the highest validation covered variance of each cell, `places` of each at most:
 * method, k, "trialId", validation, place (from 1). One step down an index per row, whatever the number of trials. Ties go by id.
 */
export function selectBestOfCells(sql: Queryable, sweepId: string, cells: readonly CellKey[], places: number) {
  return sql`(
    select cell.method, cell.k, top.* from
      unnest(${cells.map(({ method }) => method)}::text[], ${cells.map(({ k }) => k)}::int[]) as cell (method, k)
      cross join lateral (
        select trial_id as "trialId", covered_variance as validation,
               row_number() over (order by covered_variance desc nulls last, trial_id)::int as place
        from covered_variances
        where sweep_id = ${sweepId} and method = cell.method and k = cell.k and split = 'validation' and covered_variance is not null
        order by covered_variance desc nulls last, trial_id limit ${places}
      ) as top
  ) as best`;
}
