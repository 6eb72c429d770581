CREATE TABLE `trusted_certificate` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`account_identity` text NOT NULL,
	`host` text NOT NULL,
	`port` integer NOT NULL,
	`fingerprint256` text NOT NULL,
	`subject` text NOT NULL,
	`issuer` text NOT NULL,
	`trusted_by_card_id` text NOT NULL,
	`trusted_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `trusted_certificate_account` ON `trusted_certificate` (`tenant_id`,`account_identity`);--> statement-breakpoint
ALTER TABLE `account` ADD `works_since` integer;--> statement-breakpoint
ALTER TABLE `account` ADD `checked_at` integer;--> statement-breakpoint
ALTER TABLE `account` ADD `check_due_at` integer;--> statement-breakpoint
ALTER TABLE `account` ADD `failing_since` integer;--> statement-breakpoint
ALTER TABLE `account` ADD `failing_text` text;--> statement-breakpoint
ALTER TABLE `account` ADD `told_failing_at` integer;--> statement-breakpoint
CREATE INDEX `account_check_due` ON `account` (`check_due_at`);