select
t.id as "trialId", t.index, t.method, t.k, t.seed::float8 as seed, t.partition, t.configuration as config, t.outcome, t.rung, t.validation,
t.epochs, t.seconds, t.started_at as "startedAt", t.finished_at as "finishedAt", t.message from unnest($1::int[]) with ordinality as wanted (index, place)
  join trials t on t.sweep_id = $2 and t.index = wanted.index order by wanted.place;
-- $1 = [3,1]
-- $2 = "s1"
