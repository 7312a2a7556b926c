select t.id as "trialId", t.sweep_id as "sweepId", t.method, coalesce(v.k, t.k) as k, t.seed::float8 as seed, t.partition,
       t.configuration as config,
       t.outcome, s.split, v.covered_variance as "coveredVariance", v.structure_covered_variance as "structureCoveredVariance",
       t.engine, t.seconds
from trials t cross join unnest($1::text[]) with ordinality as s (split, place)
left join covered_variances v on v.trial_id = t.id and v.split = s.split
where t.sweep_id = $2  and ((t.method)::text is not null and (t.method)::text = any($3::text[])) and ((coalesce(v.k, t.k))::float8 is not null and (coalesce(v.k, t.k))::float8 = any($4::float8[])) and (t.validation)::float8 >= $5::float8 and not ((t.outcome)::text is not null and (t.outcome)::text = any($6::text[])) and ((t.configuration ->> 'dropout')::float8 is null or (t.configuration ->> 'dropout')::float8 = any($7::float8[]))
order by t.index, s.place, v.k;
-- $1 = ["test"]
-- $2 = "s1"
-- $3 = ["eca","nnca"]
-- $4 = [2]
-- $5 = 0.9
-- $6 = ["failed"]
-- $7 = []
