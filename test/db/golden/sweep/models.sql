select t.id as "trialId", t.method, v.k, t.seed::float8 as seed, t.configuration as config, v.covered_variance as validation,
       octet_length(m.bytes) as bytes
from models m join trials t on t.id = m.trial_id
join covered_variances v on v.trial_id = t.id and v.split = 'validation' and v.covered_variance is not null
where m.sweep_id = $1 order by t.method, v.k, v.covered_variance desc, t.id;
-- $1 = "s1"
