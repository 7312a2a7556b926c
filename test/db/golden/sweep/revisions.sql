select id as "sweepId", revision::float8 as revision, state from sweeps
where removed_at is null and (finished_at is null or finished_at > now() - interval '1 day') order by started_at desc, id;
