select id, outcome, to_version as "toVersion", finished_at as "finishedAt", drift ->> 'verdict' as verdict, challenges
from retrain_runs
where name = $1 and outcome in ('first', 'kept', 'promoted') and to_version is not null
order by finished_at, id;
-- $1 = "waist"
