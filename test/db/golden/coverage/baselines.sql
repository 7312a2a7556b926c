select name, nullif(k, 0) as k, partition, avg(covered_variance) as "coveredVariance" from baselines
where sweep_id = $1 and (name < 'emulator' or name > 'emulator') and split = $2 and covered_variance is not null
group by name, baselines.k, partition order by name, baselines.k, partition;
-- $1 = "s1"
-- $2 = "validation"
