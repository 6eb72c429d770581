CREATE TABLE `__new_microsoft365_admin_consent` (
	`tenant_id` text NOT NULL,
	`purpose` text DEFAULT 'connect' NOT NULL,
	`tid` text,
	`needed_at` integer NOT NULL,
	`granted_at` integer,
	PRIMARY KEY(`tenant_id`, `purpose`),
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
INSERT INTO `__new_microsoft365_admin_consent`("tenant_id", "tid", "needed_at", "granted_at") SELECT "tenant_id", "tid", "needed_at", "granted_at" FROM `microsoft365_admin_consent` WHERE "needed_at" IS NOT NULL;--> statement-breakpoint
DROP TABLE `microsoft365_admin_consent`;--> statement-breakpoint
ALTER TABLE `__new_microsoft365_admin_consent` RENAME TO `microsoft365_admin_consent`;
