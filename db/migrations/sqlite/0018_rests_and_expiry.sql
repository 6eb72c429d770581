ALTER TABLE `account` ADD `rests_until` integer;--> statement-breakpoint
ALTER TABLE `message` ADD `is_expiry_named` integer DEFAULT false NOT NULL;--> statement-breakpoint
UPDATE message SET is_expiry_named = true WHERE due_at IS NOT NULL AND expires_at <> coalesce(send_at, queued_at) + 432000000;