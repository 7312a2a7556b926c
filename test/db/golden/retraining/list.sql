select
name, spec, dataset, target, options, created_at as "createdAt", removed_at as "removedAt", identity from retrainings where removed_at is null order by name;
