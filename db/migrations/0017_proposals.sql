CREATE TABLE "proposals" (
	"sweep_id" text NOT NULL,
	"cell" text NOT NULL,
	"point" integer NOT NULL,
	"value" jsonb NOT NULL,
	"sampler" jsonb NOT NULL,
	"position" integer NOT NULL,
	"observations" integer NOT NULL,
	"revision" bigint NOT NULL,
	"observed" integer,
	"score" double precision,
	CONSTRAINT "proposals_sweep_id_cell_point_pk" PRIMARY KEY("sweep_id","cell","point"),
	CONSTRAINT "proposals_position" UNIQUE("sweep_id","position"),
	CONSTRAINT "proposals_observed" UNIQUE("sweep_id","observed"),
	CONSTRAINT "proposals_counts" CHECK ("proposals"."point" >= 0 and "proposals"."observations" between 0 and "proposals"."position"),
	CONSTRAINT "proposals_score" CHECK ("proposals"."score" > '-Infinity' and "proposals"."score" < 'Infinity' and ("proposals"."score" is null or "proposals"."observed" is not null))
);
--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;