CREATE TABLE "baseline_errors" (
	"sweep_id" text NOT NULL,
	"name" text NOT NULL,
	"k" integer NOT NULL,
	"seed" bigint NOT NULL,
	"configuration_hash" text NOT NULL,
	"errors" "bytea" NOT NULL,
	CONSTRAINT "baseline_errors_sweep_id_name_k_seed_configuration_hash_pk" PRIMARY KEY("sweep_id","name","k","seed","configuration_hash"),
	CONSTRAINT "baseline_errors_size" CHECK (octet_length("baseline_errors"."errors") >= 8 and octet_length("baseline_errors"."errors") % 2 = 0)
);
--> statement-breakpoint
CREATE TABLE "test_errors" (
	"trial_id" text NOT NULL,
	"k" integer NOT NULL,
	"errors" "bytea" NOT NULL,
	CONSTRAINT "test_errors_trial_id_k_pk" PRIMARY KEY("trial_id","k"),
	CONSTRAINT "test_errors_size" CHECK (octet_length("test_errors"."errors") >= 8 and octet_length("test_errors"."errors") % 2 = 0)
);
--> statement-breakpoint
CREATE TABLE "test_rows" (
	"sweep_id" text NOT NULL,
	"partition" integer DEFAULT 0 NOT NULL,
	"spreads" "bytea" NOT NULL,
	"structure_spreads" "bytea" NOT NULL,
	"structure_squares" "bytea" NOT NULL,
	"units" "bytea" NOT NULL,
	"strata" "bytea",
	CONSTRAINT "test_rows_sweep_id_partition_pk" PRIMARY KEY("sweep_id","partition")
);
--> statement-breakpoint
ALTER TABLE "baseline_errors" ADD CONSTRAINT "baseline_errors_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_errors" ADD CONSTRAINT "test_errors_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "test_rows" ADD CONSTRAINT "test_rows_sweep_id_sweeps_id_fk" FOREIGN KEY ("sweep_id") REFERENCES "public"."sweeps"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
-- Packed errors do not compress: storing them as they are saves the attempt.
ALTER TABLE "baseline_errors" ALTER COLUMN "errors" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "test_errors" ALTER COLUMN "errors" SET STORAGE EXTERNAL;
