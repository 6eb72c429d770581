ALTER TABLE "message_content" ADD COLUMN "text" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "message_content" ADD COLUMN "html" text;--> statement-breakpoint
-- pglz, which compresses by default, takes three times as long for 50 KB of real text as all the rest of storing it; a server built without lz4 keeps it
DO $$
BEGIN
  ALTER TABLE "message_content" ALTER COLUMN "text" SET COMPRESSION lz4, ALTER COLUMN "html" SET COMPRESSION lz4;
  ALTER TABLE "message_body" ALTER COLUMN "raw" SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;--> statement-breakpoint
UPDATE "message_content" SET
  "text" = "content"::json ->> 'text',
  "html" = "content"::json ->> 'html',
  "content" = ("content"::jsonb - 'text' - 'html')::text;
