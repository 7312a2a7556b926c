select
id, name, spec, dataset, dataset_version as "datasetVersion", target, state, message, planned, pack_sizes as "packSizes", limits, spending,
idle_seconds + case when state = 'paused' then extract(epoch from now() - state_since) else 0 end::float8 as "idleSeconds",
code_version as "codeVersion", started_at as "startedAt", finished_at as "finishedAt",
greatest(0, extract(epoch from coalesce(finished_at, now()) - started_at))::float8 as elapsed, revision::float8 as revision, identity,
(select coalesce(max(p.position) + 1, 0) from proposals p where p.sweep_id = sweeps.id) as proposed from sweeps where (id = $1 or name = $2) and removed_at is null
  order by (id = $3) desc, started_at desc limit 1;
-- $1 = "s1"
-- $2 = "s1"
-- $3 = "s1"

select width_bucket(extract(epoch from written_at)::float8, $1::float8, $2::float8, $3) as span,
       sum(ended)::int as ended
from writes where sweep_id = $4 group by 1;
-- $1 = 1767323045
-- $2 = 4102444800
-- $3 = 24
-- $4 = "s1"

select method, k, "trialId", validation from (
  select cell.method, cell.k, top.* from
    unnest($1::text[], $2::int[]) as cell (method, k)
    cross join lateral (
      select trial_id as "trialId", covered_variance as validation,
             row_number() over (order by covered_variance desc nulls last, trial_id)::int as place
      from covered_variances
      where sweep_id = $3 and method = cell.method and k = cell.k and partition = 0 and split = 'validation'
        and covered_variance is not null
      order by covered_variance desc nulls last, trial_id limit $4
    ) as top
) as best;
-- $1 = ["ednn","ednn","ednn","eca","eca","eca","nnca","nnca","nnca"]
-- $2 = [1,2,3,1,2,3,1,2,3]
-- $3 = "s1"
-- $4 = 1
