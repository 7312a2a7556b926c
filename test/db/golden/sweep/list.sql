select
id, name, spec, dataset, dataset_version as "datasetVersion", target, state, message, planned, pack_sizes as "packSizes", limits, spending,
idle_seconds + case when state = 'paused' then extract(epoch from now() - state_since) else 0 end::float8 as "idleSeconds",
code_version as "codeVersion", started_at as "startedAt", finished_at as "finishedAt",
greatest(0, extract(epoch from coalesce(finished_at, now()) - started_at))::float8 as elapsed, revision::float8 as revision, identity,
(select coalesce(max(p.position) + 1, 0) from proposals p where p.sweep_id = sweeps.id) as proposed, started_at::text as place from sweeps
    where
  removed_at is null and state = $1
  and position(lower($2) in lower(concat_ws(' ', name, id, dataset, target))) > 0
  and dataset = $3 and starts_with(dataset_version, $4) and (started_at, id) < ($5::text::timestamptz, $6)
    order by started_at desc, id desc limit $7;
-- $1 = "running"
-- $2 = "wai"
-- $3 = "water"
-- $4 = "ab"
-- $5 = "2026-01-02 03:04:05.678901+00"
-- $6 = "s1"
-- $7 = 21

select (count(*) filter (where
removed_at is null and state = $1
and position(lower($2) in lower(concat_ws(' ', name, id, dataset, target))) > 0
and dataset = $3 and starts_with(dataset_version, $4)))::int as matched, count(*)::int as total,
         coalesce(sum(revision), 0) || '-' || count(*) || '-' || coalesce(max(started_at)::text, '') as state
  from sweeps where removed_at is null;
-- $1 = "running"
-- $2 = "wai"
-- $3 = "water"
-- $4 = "ab"
