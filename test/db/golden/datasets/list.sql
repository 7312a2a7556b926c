select d.name, d.version, d.parent, d.imported_at = max(d.imported_at) over (partition by d.name) as newest, d.imported_at as "importedAt",
       coalesce(first.description #>> '{manifest,title}', '') as title,
       coalesce(d.rows, (d.description ->> 'rows')::int, 0) as rows, coalesce((d.description ->> 'rows')::int, 0) as added,
       coalesce((d.description #>> '{x,columns}')::int, 0) as descriptors, coalesce((d.description ->> 'varying')::int, 0) as varying,
       (d.description #>> '{groups,count}')::int as groups,
       coalesce((
         select jsonb_agg(jsonb_build_object('name', t.key, 'columns', (t.value #>> '{y,columns}')::int,
                                             'unit', first.description #>> array['manifest', 'targets', t.key, 'unit']) order by t.key)
         from jsonb_each(d.description -> 'targets') as t
       ), '[]') as targets,
       (select count(*)::int from sweeps s where s.dataset = d.name and s.dataset_version = d.version and s.removed_at is null) as sweeps
from dataset_versions d
join dataset_versions first on first.name = d.name and first.version = coalesce(d.root, d.version)
order by d.imported_at desc, d.name, d.version;
