ALTER TABLE "sweeps" ADD COLUMN "removed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "test_errors" ADD COLUMN "structure_errors" "bytea";--> statement-breakpoint
ALTER TABLE "test_errors" ADD CONSTRAINT "test_errors_structure_size" CHECK (octet_length("test_errors"."structure_errors") >= 8 and octet_length("test_errors"."structure_errors") % 2 = 0);--> statement-breakpoint
-- Deletes up to so many trials of a sweep that was marked as removed, and with the last of them the sweep. Returns how many were
-- deleted; null where no such sweep is left.
DO $migration$ BEGIN EXECUTE format($statement$
	CREATE FUNCTION purge_sweep(sweep text, most integer) RETURNS integer LANGUAGE plpgsql SET search_path = %I, pg_temp AS $body$
	DECLARE deleted integer;
	BEGIN
		PERFORM FROM sweeps WHERE id = sweep AND removed_at IS NOT NULL FOR UPDATE;
		IF NOT FOUND THEN RETURN NULL; END IF;
		DELETE FROM trials WHERE id IN (SELECT id FROM trials WHERE sweep_id = sweep ORDER BY index LIMIT most);
		GET DIAGNOSTICS deleted = ROW_COUNT;
		IF deleted < most THEN DELETE FROM sweeps WHERE id = sweep; END IF;
		RETURN deleted;
	END
	$body$
$statement$, current_schema()); END $migration$;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION purge_sweep(text, integer) FROM PUBLIC;
