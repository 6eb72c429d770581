CREATE TABLE `microsoft365_admin_consent` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`tid` text,
	`needed_at` integer,
	`granted_at` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `microsoft365_connection` (
	`card_id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`tid` text NOT NULL,
	`oid` text NOT NULL,
	`home_account_id` text NOT NULL,
	`address` text NOT NULL,
	`agreed_username` text,
	`sasl_user` text,
	`via` text DEFAULT 'smtp' NOT NULL,
	`scopes` text NOT NULL,
	`token_cache_sealed` text NOT NULL,
	`state` text DEFAULT 'active' NOT NULL,
	`cause` text,
	`cause_text` text,
	`connected_at` integer NOT NULL,
	`refreshed_at` integer NOT NULL,
	`broken_at` integer,
	`refresh_owner` text,
	`refresh_until` integer,
	`version` integer DEFAULT 1 NOT NULL,
	FOREIGN KEY (`card_id`) REFERENCES `card`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `microsoft365_connection_idle` ON `microsoft365_connection` (`state`,`refreshed_at`);--> statement-breakpoint
CREATE TABLE `pending_authorization` (
	`state_hash` text PRIMARY KEY NOT NULL,
	`session_id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`card_id` text NOT NULL,
	`purpose` text NOT NULL,
	`nonce` text NOT NULL,
	`verifier_sealed` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`card_id`) REFERENCES `card`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `pending_authorization_expiry` ON `pending_authorization` (`expires_at`);