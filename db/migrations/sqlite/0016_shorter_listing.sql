DROP INDEX `message_sending`;--> statement-breakpoint
DROP INDEX `message_listing`;--> statement-breakpoint
DROP INDEX `message_of_card`;--> statement-breakpoint
CREATE INDEX `message_listing` ON `message` (`tenant_id`,`queued_at`);--> statement-breakpoint
CREATE INDEX `message_of_card` ON `message` (`tenant_id`,`card_id`,`queued_at`);