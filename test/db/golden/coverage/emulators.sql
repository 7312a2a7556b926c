with scores as (
  select seed, configuration_hash as hash, covered_variance as validation from baselines
  where sweep_id = $1 and name = 'emulator' and split = 'validation' and covered_variance is not null
), best as (
  select hash from scores group by hash order by avg(validation) desc, hash limit 1
)
select seed::float8 as seed, hash as "configurationHash", validation from scores join best using (hash) order by seed;
-- $1 = "s1"
