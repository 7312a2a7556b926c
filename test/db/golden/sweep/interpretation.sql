select (i.result || jsonb_build_object('fields', coalesce((
  select jsonb_agg(f.name order by f.name) from fields f where f.sweep_id = i.sweep_id
), '[]')))::text as text from interpretations i where i.sweep_id = $1;
-- $1 = "s1"
