with best as (
  select configuration_hash as hash from baselines
  where sweep_id = $1 and name = 'emulator' and split = 'validation' and covered_variance is not null
  group by configuration_hash order by avg(covered_variance) desc, configuration_hash limit 1
)
select covered_variance as score from baselines join best on configuration_hash = best.hash
where sweep_id = $2 and name = 'emulator' and split = $3 and covered_variance is not null order by seed;
-- $1 = "s1"
-- $2 = "s1"
-- $3 = "validation"
