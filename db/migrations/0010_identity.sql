CREATE TABLE "installation" (
	"identity" text PRIMARY KEY NOT NULL,
	"is_only" boolean DEFAULT true NOT NULL,
	CONSTRAINT "installation_is_only_unique" UNIQUE("is_only"),
	CONSTRAINT "installation_identity" CHECK ("installation"."identity" ~ '^[0-9a-f]{12}$'),
	CONSTRAINT "installation_only" CHECK ("installation"."is_only")
);
--> statement-breakpoint
INSERT INTO "installation" ("identity") VALUES (left(replace(gen_random_uuid()::text, '-', ''), 12));--> statement-breakpoint
ALTER TABLE "retrainings" ADD COLUMN "identity" text;--> statement-breakpoint
ALTER TABLE "sweeps" ADD COLUMN "identity" text;