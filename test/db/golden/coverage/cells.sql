with tried as (
  select v.method, v.k, count(distinct t.configuration_hash)::int as configurations
  from covered_variances v join trials t on t.id = v.trial_id
  where v.sweep_id = $1 and v.split = 'validation' and v.covered_variance is not null and t.outcome = 'completed'
  group by v.method, v.k
)
select cell.method, cell.k, coalesce(tried.configurations, 0) as configurations, top.id as "bestTrial"
from unnest($2::text[], $3::int[],
            $4::text[]) as cell (method, k, hash)
left join tried using (method, k)
left join lateral (
  select t.id from trials t join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.k = cell.k
  where t.sweep_id = $5 and t.configuration_hash = cell.hash and t.partition = 0 and v.covered_variance is not null
  order by v.covered_variance desc, t.index limit 1
) as top on true;
-- $1 = "s1"
-- $2 = ["nnca"]
-- $3 = [2]
-- $4 = ["abc"]
-- $5 = "s1"
