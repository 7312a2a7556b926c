with scores as (
  select e.sweep_id, e.partition, e.name, e.k, e.seed, e.configuration_hash as hash, v.covered_variance as validation, e.covered_variance as test
  from baselines e
  join baselines v using (sweep_id, partition, name, k, seed, configuration_hash)
  where e.sweep_id = any($1::text[]) and e.split = 'test' and v.split = 'validation'
    and e.covered_variance is not null and v.covered_variance is not null
), placed as (
  select *, row_number() over (order by sweep_id, partition, name, k, seed, hash) as place from scores
), best as (
  select distinct on (partition, name, k) partition, name, k, hash from placed group by partition, name, k, hash
  order by partition, name, k, count(*) desc, avg(validation) desc, min(place)
)
select sweep_id as "sweepId", name, nullif(k, 0) as k, case when hash <> '' then seed::float8 end as seed,
       nullif(hash, '') as "configurationHash", partition, validation, test
from scores join best using (partition, name, k, hash)
order by sweep_id, partition, name, k, seed, hash;
-- $1 = ["s1","s2"]
