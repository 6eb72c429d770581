CREATE TABLE `webhook_delivery` (
	`id` text PRIMARY KEY NOT NULL,
	`webhook_id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`event` text NOT NULL,
	`subject_id` text NOT NULL,
	`facts` text NOT NULL,
	`state` text NOT NULL,
	`attempt_count` integer NOT NULL,
	`attempts` text,
	`occurred_at` integer NOT NULL,
	`due_at` integer,
	`ended_at` integer,
	FOREIGN KEY (`webhook_id`) REFERENCES `webhook`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `webhook_delivery_due` ON `webhook_delivery` (`webhook_id`,`state`,`due_at`);--> statement-breakpoint
CREATE INDEX `webhook_delivery_log` ON `webhook_delivery` (`webhook_id`,`id`);--> statement-breakpoint
CREATE TABLE `webhook` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`url` text NOT NULL,
	`events` text NOT NULL,
	`secret_sealed` text NOT NULL,
	`previous_secret_sealed` text,
	`previous_until` integer,
	`is_active` integer DEFAULT true NOT NULL,
	`disabled_because` text,
	`failing_since` integer,
	`failure_count` integer DEFAULT 0 NOT NULL,
	`not_before` integer,
	`lease_until` integer,
	`lease_number` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `webhook_of_tenant` ON `webhook` (`tenant_id`);--> statement-breakpoint
ALTER TABLE `installation` ADD `held_at` integer;--> statement-breakpoint
ALTER TABLE `tenant` ADD `keep_texts_days` integer DEFAULT 90 NOT NULL;