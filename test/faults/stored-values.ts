/** Everything that a sweep has computed, as text: equal bits, equal text. */
import type { Sql } from '../../db/client.ts';

export interface StoredValue {
  readonly key: string;
  readonly value: string;
  readonly hasResult: boolean;
}

/**
 * Returns everything that was computed for each trial and baseline, without times and places.
 * `models`: also the models that are kept, those of the best trials of the sweep.
 */
export const readValues = (sql: Sql, sweepId: string, { models = true } = {}) =>
  sql<StoredValue[]>`
    select 'trial ' || t.index as key, t.outcome in ('completed', 'pruned', 'diverged') as "hasResult", concat_ws(' ',
      t.configuration_hash, t.seed, t.partition, t.outcome, t.rung, t.promoted_into, t.epochs, t.validation, t.failure_code,
      (select string_agg(concat_ws(' ', split, k, covered_variance, structure_covered_variance), ',' order by split, k)
        from covered_variances where trial_id = t.id),
      (select string_agg(rung || ' ' || validation, ',' order by rung) from rung_scores where trial_id = t.id),
      (select concat_ws(' ', train, validation, best) from learning_curves where trial_id = t.id),
      (select string_agg(encode(errors, 'hex'), ',' order by k) from test_errors where trial_id = t.id),
      (select string_agg(sha256, ',' order by split, block) from latents where trial_id = t.id),
      (select string_agg(component || ' ' || coefficients::text, ',' order by component) from components where trial_id = t.id)
      ${models ? sql`, (select sha256 from models where trial_id = t.id)` : sql``}) as value
    from trials t where t.sweep_id = ${sweepId}
    union all
    select concat_ws(' ', 'baseline', name, k, seed, configuration_hash, split, partition), true, covered_variance::text
    from baselines where sweep_id = ${sweepId}`;
