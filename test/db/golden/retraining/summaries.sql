select name, count(*)::int as champions from champions
where until is null and name = any($1::text[]) group by name;
-- $1 = ["waist","other"]

select last.* from unnest($1::text[]) as one (retraining)
    cross join lateral (
      select
id, name, outcome, from_version as "fromVersion", to_version as "toVersion", sweep_ids as "sweepIds", drift, challenges, message,
started_at as "startedAt", finished_at as "finishedAt" from retrain_runs where name = one.retraining order by started_at desc, id desc limit 1
    ) as last;
-- $1 = ["waist","other"]
