CREATE TABLE "trainer_speeds" (
	"class" text PRIMARY KEY NOT NULL,
	"flops_per_thread" double precision NOT NULL
);
--> statement-breakpoint
ALTER TABLE "trainers" ADD COLUMN "threads" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "trainers" ADD COLUMN "flops" double precision;