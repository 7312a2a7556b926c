with
scores as (
  select v.partition, v.method, v.k, t.configuration_hash as hash, v.sweep_id, t.index, v.covered_variance as validation
  from covered_variances v join trials t on t.id = v.trial_id
  where v.sweep_id = $1 and v.split = 'validation' and v.covered_variance is not null and t.outcome = 'completed'
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
select b.method, b.k, t.id as "trialId", t.seed::float8 as seed, b.partition, b.hash as "configurationHash", v.covered_variance as validation,
       v.structure_covered_variance as "structureValidation", b.configurations
from best b
join trials t on t.sweep_id = $2 and t.configuration_hash = b.hash and t.partition = b.partition and t.outcome = 'completed'
join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.k = b.k and v.covered_variance is not null
order by b.method, b.k, t.index;
-- $1 = "s1"
-- $2 = "s1"
