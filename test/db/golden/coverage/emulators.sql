with scores as (
  select partition, seed, configuration_hash as hash, covered_variance as validation from baselines
  where sweep_id = $1 and name = 'emulator' and split = 'validation' and covered_variance is not null
), best as (
  select distinct on (partition) partition, hash from scores group by partition, hash order by partition, avg(validation) desc, hash
)
select seed::float8 as seed, partition, hash as "configurationHash", validation from scores join best using (partition, hash)
order by partition, seed;
-- $1 = "s1"
