DROP INDEX `message_idempotency`;--> statement-breakpoint
CREATE UNIQUE INDEX `message_idempotency` ON `message` (`tenant_id`,`idempotency_key`) WHERE idempotency_key is not null;