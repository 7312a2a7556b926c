CREATE TABLE "components" (
	"trial_id" text NOT NULL,
	"component" integer NOT NULL,
	"coefficients" real[] NOT NULL,
	CONSTRAINT "components_trial_id_component_pk" PRIMARY KEY("trial_id","component"),
	CONSTRAINT "components_component" CHECK ("components"."component" >= 1)
);
--> statement-breakpoint
CREATE TABLE "fields" (
	"sweep_id" text NOT NULL,
	"name" text NOT NULL,
	"axes" jsonb NOT NULL,
	"dtype" text NOT NULL,
	"sha256" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "fields_sweep_id_name_pk" PRIMARY KEY("sweep_id","name"),
	CONSTRAINT "fields_dtype" CHECK ("fields"."dtype" in ('float32le')),
	CONSTRAINT "fields_sha256" CHECK ("fields"."sha256" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "interpretations" (
	"sweep_id" text PRIMARY KEY NOT NULL,
	"result" jsonb NOT NULL,
	"code_version" text NOT NULL,
	"interpreted_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "components" ADD CONSTRAINT "components_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fields" ADD CONSTRAINT "fields_sweep_id_interpretations_sweep_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."interpretations"("sweep_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "interpretations" ADD CONSTRAINT "interpretations_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;