with scored as materialized (
  select v.method, v.k, t.configuration_hash as hash, min(t.index) as index, count(*)::int as seeds,
         avg(v.covered_variance order by t.index) as score, avg(t.seconds order by t.index) as seconds,
         case when count(v.structure_covered_variance) = count(*) then avg(v.structure_covered_variance order by t.index) end as structure
  from covered_variances v join trials t on t.id = v.trial_id
  where v.sweep_id = $1 and v.split = 'validation' and v.partition = $2 and v.covered_variance is not null
    and t.outcome = 'completed'  and ((v.k)::float8 is not null and (v.k)::float8 = any($3::float8[]))
  group by v.method, v.k, t.configuration_hash
)
select s.method, s.k, s.hash as "configurationHash", t.configuration as config, s.index, s.seeds,
       s.score as "coveredVariance", s.structure as "structureCoveredVariance", s.seconds
from scored s join trials t on t.sweep_id = $4 and t.index = s.index
order by s.index, s.k;
-- $1 = "s1"
-- $2 = 0
-- $3 = [2]
-- $4 = "s1"
