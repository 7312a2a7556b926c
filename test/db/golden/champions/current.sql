select c.id::float8 as id, c.name, c.dataset, c.target, c.method, c.k, c.trial_id as "trialId", c.sweep_id as "sweepId",
       c.dataset_version as "datasetVersion", c.run_id as "runId", c.origin, c.previous::float8 as previous, c.since, c.until,
       c.ended_by as "endedBy", t.configuration, t.seed::float8 as seed, v.covered_variance as validation, t.engine,
       t.engine_build as "engineBuild", t.code_version as "codeVersion"
from champions c join trials t on t.id = c.trial_id
join covered_variances v on v.trial_id = c.trial_id and v.split = 'validation' and v.k = c.k where c.until is null and ($1::text is null or c.name = $2)
  order by c.name, array_position($3::text[], c.method), c.k;
-- $1 = "waist"
-- $2 = "waist"
-- $3 = ["ednn","eca","nnca"]
