select split, k, covered_variance as "coveredVariance", structure_covered_variance as "structureCoveredVariance"
from covered_variances where trial_id = $1 and split = any($2::text[])
order by array_position(array['train', 'validation', 'test'], split), k;
-- $1 = "s1-0"
-- $2 = ["train","validation"]
