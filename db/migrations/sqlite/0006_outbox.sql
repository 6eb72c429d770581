CREATE TABLE `account_hour` (
	`account_id` text NOT NULL,
	`hour` integer NOT NULL,
	`tenant_id` text NOT NULL,
	`recipient_count` integer NOT NULL,
	PRIMARY KEY(`account_id`, `hour`),
	FOREIGN KEY (`account_id`) REFERENCES `account`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
DROP INDEX `account_due`;--> statement-breakpoint
ALTER TABLE `account` ADD `paced_until` integer;--> statement-breakpoint
ALTER TABLE `account` ADD `learned_at` integer;--> statement-breakpoint
ALTER TABLE `account` ADD `learned_connections` integer;--> statement-breakpoint
ALTER TABLE `account` ADD `learned_per_minute` integer;--> statement-breakpoint
ALTER TABLE `account` ADD `learned_per_day` integer;--> statement-breakpoint
CREATE INDEX `account_mail_due` ON `account` (`due_at`) WHERE state = 'active' and identity not like 'test:%';--> statement-breakpoint
CREATE INDEX `account_test_due` ON `account` (`due_at`) WHERE state = 'active' and identity like 'test:%';--> statement-breakpoint
DROP INDEX `message_account_due`;--> statement-breakpoint
ALTER TABLE `message` ADD `redirected_to` text;--> statement-breakpoint
ALTER TABLE `message` ADD `resend_of` text;--> statement-breakpoint
CREATE INDEX `message_due` ON `message` (`account_id`,`priority`,`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX `message_expiry` ON `message` (`expires_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX `message_sending` ON `message` (`account_id`) WHERE state = 'sending';--> statement-breakpoint
ALTER TABLE `tenant` ADD `held_at` integer;--> statement-breakpoint
ALTER TABLE `tenant` ADD `redirect_to` text;--> statement-breakpoint
ALTER TABLE `tenant` ADD `redirect_until` integer;