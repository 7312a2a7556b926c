CREATE TABLE "writes" (
	"sweep_id" text NOT NULL,
	"write_id" bigint NOT NULL,
	"revision" bigint,
	"written_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended" integer NOT NULL,
	"engine" text,
	"engine_build" text,
	"host" text,
	CONSTRAINT "writes_sweep_id_write_id_pk" PRIMARY KEY("sweep_id","write_id"),
	CONSTRAINT "writes_revision" UNIQUE("sweep_id","revision")
);
--> statement-breakpoint
ALTER TABLE "trials" RENAME COLUMN "revision" TO "write_id";--> statement-breakpoint
ALTER INDEX "trials_revision" RENAME TO "trials_write";--> statement-breakpoint
ALTER TABLE "writes" ADD CONSTRAINT "writes_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
-- Earlier writes are known by the rows that they wrote last; within a sweep, their revisions are as good as ids.
INSERT INTO "writes" ("sweep_id", "write_id", "revision", "written_at", "ended", "engine", "engine_build", "host")
	SELECT "sweep_id", "write_id", "write_id", max("finished_at"), count(*) FILTER (WHERE "outcome" <> 'rung'), min("engine"), min("engine_build"), min("host")
	FROM "trials" GROUP BY "sweep_id", "write_id";--> statement-breakpoint
-- Trials from before there were revisions have 0, after which no reader asks: they were written with the next one.
WITH "unnumbered" AS (
	UPDATE "sweeps" SET "revision" = "revision" + 1 WHERE EXISTS (SELECT FROM "writes" w WHERE w."sweep_id" = "sweeps"."id" AND w."revision" = 0)
	RETURNING "id", "revision"
)
UPDATE "writes" SET "revision" = "unnumbered"."revision" FROM "unnumbered" WHERE "sweep_id" = "unnumbered"."id" AND "writes"."revision" = 0;--> statement-breakpoint
-- At the end of a transaction, within its commit: gives the write the next revision of its sweep, and announces it.
DO $migration$ BEGIN EXECUTE format($statement$
	CREATE FUNCTION take_revision() RETURNS trigger LANGUAGE plpgsql SET search_path = %I, pg_temp AS $body$
	DECLARE revised record;
	BEGIN
		UPDATE sweeps SET revision = revision + 1 WHERE id = NEW.sweep_id AND removed_at IS NULL RETURNING revision, state INTO revised;
		IF NOT FOUND THEN RAISE no_data_found USING MESSAGE = format('the sweep "%%s" does not exist', NEW.sweep_id); END IF;
		UPDATE writes SET revision = revised.revision WHERE sweep_id = NEW.sweep_id AND write_id = NEW.write_id;
		PERFORM pg_notify('narrows_sweep', json_build_object('sweepId', NEW.sweep_id, 'revision', revised.revision, 'state', revised.state)::text);
		RETURN NULL;
	END
	$body$
$statement$, current_schema()); END $migration$;--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION take_revision() FROM PUBLIC;--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "writes_take_revision" AFTER INSERT ON "writes" DEFERRABLE INITIALLY DEFERRED
	FOR EACH ROW WHEN (NEW."revision" IS NULL) EXECUTE FUNCTION take_revision();