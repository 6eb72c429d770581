ALTER TABLE "account" ADD COLUMN "rests_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "message" ADD COLUMN "is_expiry_named" boolean DEFAULT false NOT NULL;--> statement-breakpoint
UPDATE message SET is_expiry_named = true WHERE due_at IS NOT NULL AND expires_at <> coalesce(send_at, queued_at) + interval '5 days';