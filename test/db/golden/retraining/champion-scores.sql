select trial_id as "trialId", k, covered_variance as score from covered_variances
where split = 'test' and trial_id = any($1::text[]);
-- $1 = ["s1-0"]
