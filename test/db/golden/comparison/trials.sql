with
scores as (
  -- From one side by sweep, from the others by their keys: no plan is quadratic, not even right after a sweep, before Postgres has counted its rows.
  select v.partition, v.method, v.k, t.configuration_hash as hash, v.sweep_id, t.index, v.covered_variance as validation
  from covered_variances v
  join trials t on t.id = v.trial_id
  join covered_variances e on e.trial_id = v.trial_id and e.split = 'test' and e.k = v.k and e.covered_variance is not null
  where v.sweep_id = any($1::text[]) and v.split = 'validation' and v.covered_variance is not null and t.outcome = 'completed'
), parts as (
  select partition, method, k, hash, sweep_id, count(*) as seeds, sum(validation) as total, min(index) as first
  from scores group by partition, method, k, hash, sweep_id
), ranked as (
  select partition, method, k, hash, sum(seeds) as seeds, sum(total) / sum(seeds) as mean,
         (array_agg(sweep_id order by sweep_id))[1] as first_sweep, (array_agg(first order by sweep_id))[1] as first
  from parts group by partition, method, k, hash
), best as (
  select distinct on (partition, method, k) partition, method, k, hash,
         (count(*) over (partition by partition, method, k))::int as configurations
  from ranked order by partition, method, k, seeds desc, mean desc, first_sweep, first
)
select t.id as "trialId", t.sweep_id as "sweepId", t.method, e.k, t.seed::float8 as seed, t.partition,
       t.configuration_hash as "configurationHash", v.covered_variance as validation, e.covered_variance as test, e.structure_covered_variance as "structureTest",
       t.engine
from best b
join trials t on t.sweep_id = any($2::text[]) and t.configuration_hash = b.hash and t.method = b.method and t.partition = b.partition
  and t.outcome = 'completed'
join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.k = b.k and v.covered_variance is not null
join covered_variances e on e.trial_id = t.id and e.split = 'test' and e.k = b.k and e.covered_variance is not null
order by t.sweep_id, t.index, e.k;
-- $1 = ["s1","s2"]
-- $2 = ["s1","s2"]
