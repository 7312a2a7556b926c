select
id, name, outcome, from_version as "fromVersion", to_version as "toVersion", sweep_ids as "sweepIds", drift, challenges, message,
started_at as "startedAt", finished_at as "finishedAt", started_at::text as place, (id)::text as "placeId" from retrain_runs
    where name = $1 and outcome = any($2::text[])
      and (started_at, id) < ($3::text::timestamptz, $4)
    order by started_at desc, id desc limit $5;
-- $1 = "waist"
-- $2 = ["kept","promoted"]
-- $3 = "2026-01-02 03:04:05.678901+00"
-- $4 = "r1"
-- $5 = 21

select (count(*) filter (where outcome = any($1::text[])))::int as matched, count(*)::int as total from retrain_runs where name = $2;
-- $1 = ["kept","promoted"]
-- $2 = "waist"
