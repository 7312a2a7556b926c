-- Deletes a sweep that never had a trial, for roles that may not delete results.
DO $migration$ BEGIN EXECUTE format($statement$
	CREATE FUNCTION discard_sweep(sweep text) RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = %I, pg_temp AS $body$
		WITH gone AS (
			DELETE FROM sweeps WHERE id = sweep AND NOT EXISTS (SELECT FROM trials WHERE sweep_id = sweep) RETURNING 1
		) SELECT EXISTS (SELECT FROM gone)
	$body$
$statement$, current_schema()); END $migration$;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION discard_sweep(text) FROM PUBLIC;
