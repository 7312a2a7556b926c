select id, at, kind, name, run_id as "runId", subject, text, payload, at::text as place, (id)::text as "placeId" from events
where name = $1 and true
  and (at, id) < ($2::text::timestamptz, $3)
order by at desc, id desc limit $4;
-- $1 = "waist"
-- $2 = "2026-01-02 03:04:05.678901+00"
-- $3 = "00000000-0000-4000-8000-000000000001"
-- $4 = 21

select (count(*) filter (where true))::int as matched, count(*)::int as total from events where name = $1;
-- $1 = "waist"
