select count(*)::int as rows, coalesce(max(t.revision), 0)::float8 as revision,
       string_agg(int4send(t.index), null) as index, string_agg(float8send(t.revision::float8), null) as revisions,
       string_agg(int2send(coalesce(array_position($1::text[], (t.outcome)) - 1, -1)::int2), null) as "outcome", string_agg(int2send(coalesce((t.rung), -1)::int2), null) as "rung", string_agg(float8send(coalesce((t.validation)::float8, 'NaN')), null) as "validation", string_agg(int4send(coalesce((t.epochs), -1)::int4), null) as "epochs", string_agg(float8send(coalesce((t.seconds)::float8, 'NaN')), null) as "seconds", json_agg(coalesce((t.engine), '')) as "engine", string_agg(float8send(coalesce((extract(epoch from t.finished_at) * 1000)::float8, 'NaN')), null) as "finishedAt"
from (
  select t.*, w.revision
  from (select write_id, revision from writes where sweep_id = $2 and revision > $3 offset 0) as w
  cross join lateral (select * from trials where sweep_id = $4 and write_id = w.write_id offset 0) as t
  order by t.index
) as t;
-- $1 = ["rung","completed","pruned","diverged","failed"]
-- $2 = "s1"
-- $3 = 41
-- $4 = "s1"
