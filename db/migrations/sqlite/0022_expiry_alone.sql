DROP INDEX `message_expiry`;--> statement-breakpoint
CREATE INDEX `message_expiry` ON `message` (`expires_at`) WHERE (due_at is not null) is true;