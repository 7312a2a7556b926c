select
id, name, spec, dataset, dataset_version as "datasetVersion", target, state, message, planned, pack_sizes as "packSizes", limits, spending,
idle_seconds + case when state = 'paused' then extract(epoch from now() - state_since) else 0 end::float8 as "idleSeconds",
code_version as "codeVersion", started_at as "startedAt", finished_at as "finishedAt",
greatest(0, extract(epoch from coalesce(finished_at, now()) - started_at))::float8 as elapsed, revision::float8 as revision, identity,
(select coalesce(max(p.position) + 1, 0) from proposals p where p.sweep_id = sweeps.id) as proposed from sweeps where (id = $1 or name = $2) and removed_at is null
  order by (id = $3) desc, started_at desc limit 1;
-- $1 = "waist"
-- $2 = "waist"
-- $3 = "waist"
