select distinct on (name) name,
version, parent, coalesce(rows, (description ->> 'rows')::int, 0) as rows, coalesce((description ->> 'rows')::int, 0) as added,
imported_at as "importedAt" from dataset_versions
  where name = any($1::text[]) order by name, imported_at desc, version;
-- $1 = ["water"]
