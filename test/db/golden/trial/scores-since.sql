with written as materialized (
  select id, index, method, seed, partition, configuration_hash, outcome, revision from (
  select t.*, w.revision
  from (select write_id, revision from writes where sweep_id = $1 and revision > $2 offset 0) as w
  cross join lateral (select * from trials where sweep_id = $3 and write_id = w.write_id offset 0) as t
  ) as t
), trial as (
  select coalesce(max(revision), 0)::float8 as revision, string_agg(int4send(index), null) as written from written
), score as (
  select string_agg(int4send(t.index), null) as index, string_agg(int4send(v.k), null) as k,
         string_agg(float8send(v.covered_variance), null) as validation,
         string_agg(float8send(coalesce(v.structure_covered_variance, 'NaN')), null) as structure
  from written t cross join lateral (
    select k, covered_variance, structure_covered_variance from covered_variances
    where trial_id = t.id and split = 'validation' and covered_variance is not null offset 0
  ) as v
  where t.outcome = 'completed'
), emulator as (
  select string_agg(int4send(t.index), null) as "emulatorIndex", string_agg(float8send(e.covered_variance), null) as "emulatorValidation"
  from written t cross join lateral (
    select covered_variance from baselines
    where sweep_id = $4 and name = 'emulator' and k = 0 and seed = t.seed and configuration_hash = t.configuration_hash
      and split = 'validation' and partition = t.partition and covered_variance is not null offset 0
  ) as e
  where t.outcome = 'completed' and t.method = any($5::text[])
)
select * from trial, score, emulator;
-- $1 = "s1"
-- $2 = 41
-- $3 = "s1"
-- $4 = "s1"
-- $5 = ["eca"]
