CREATE TABLE "trainers" (
	"id" text PRIMARY KEY NOT NULL,
	"slots" integer NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "trainers_slots" CHECK ("trainers"."slots" > 0)
);
