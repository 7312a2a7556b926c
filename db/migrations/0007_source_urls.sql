CREATE TABLE "source_urls" (
	"name" text PRIMARY KEY NOT NULL,
	"url" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "source_urls" ADD CONSTRAINT "source_urls_name_retrainings_name_fk" FOREIGN KEY ("name") REFERENCES "public"."retrainings"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- Moves URLs to their table; elsewhere only what is shown of them stays.
INSERT INTO source_urls (name, url) SELECT name, options->>'url' FROM retrainings WHERE options->>'url' IS NOT NULL AND removed_at IS NULL;--> statement-breakpoint
UPDATE events e SET text = replace(text, u.url, u.shown), subject = replace(subject, u.url, u.shown), payload = replace(payload::text, u.url, u.shown)::jsonb
	FROM (SELECT name, options->>'url' AS url, split_part(options->>'url', '?', 1) || '?...' AS shown FROM retrainings WHERE options->>'url' LIKE '%?%') u WHERE e.name = u.name;--> statement-breakpoint
UPDATE retrain_runs r SET message = replace(message, u.url, u.shown)
	FROM (SELECT name, options->>'url' AS url, split_part(options->>'url', '?', 1) || '?...' AS shown FROM retrainings WHERE options->>'url' LIKE '%?%') u WHERE r.name = u.name;--> statement-breakpoint
UPDATE dataset_versions d SET description = jsonb_set(description, '{folder}', to_jsonb(u.shown))
	FROM (SELECT name, options->>'url' AS url, split_part(options->>'url', '?', 1) || '?...' AS shown FROM retrainings WHERE options->>'url' LIKE '%?%') u WHERE d.description->>'folder' = u.url;--> statement-breakpoint
UPDATE shards s SET folder = u.shown
	FROM (SELECT name, options->>'url' AS url, split_part(options->>'url', '?', 1) || '?...' AS shown FROM retrainings WHERE options->>'url' LIKE '%?%') u WHERE s.name = u.name AND s.folder = u.url;--> statement-breakpoint
UPDATE retrainings SET options = jsonb_set(options, '{url}', to_jsonb(split_part(options->>'url', '?', 1) || '?...')) WHERE options->>'url' LIKE '%?%';
