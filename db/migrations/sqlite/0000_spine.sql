CREATE TABLE `account` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`kind` text NOT NULL,
	`identity` text NOT NULL,
	`host` text,
	`port` integer,
	`tls` text,
	`username` text,
	`credential_card_id` text,
	`state` text DEFAULT 'active' NOT NULL,
	`pause_reason` text,
	`paused_text` text,
	`paused_at` integer,
	`due_at` integer,
	`lease_owner` text,
	`lease_until` integer,
	`lease_number` integer DEFAULT 0 NOT NULL,
	`last_accepted_at` integer,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `account_identity` ON `account` (`tenant_id`,`identity`);--> statement-breakpoint
CREATE INDEX `account_due` ON `account` (`state`,`due_at`);--> statement-breakpoint
CREATE INDEX `account_credential` ON `account` (`credential_card_id`);--> statement-breakpoint
CREATE TABLE `card` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`login_id` text NOT NULL,
	`code` text NOT NULL,
	`name` text NOT NULL,
	`email` text,
	`email_confirmed_at` integer,
	`role` text NOT NULL,
	`is_active` integer DEFAULT true NOT NULL,
	`bcc` text,
	`signature` text DEFAULT '' NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`login_id`) REFERENCES `login`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `card_code` ON `card` (`tenant_id`,`code`);--> statement-breakpoint
CREATE UNIQUE INDEX `card_login` ON `card` (`tenant_id`,`login_id`);--> statement-breakpoint
CREATE INDEX `card_by_login` ON `card` (`login_id`);--> statement-breakpoint
CREATE TABLE `installation` (
	`id` text PRIMARY KEY NOT NULL,
	`mode` text NOT NULL,
	`setup_code_hash` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `login` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`password_hash` text,
	`language` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `login_email_unique` ON `login` (`email`);--> statement-breakpoint
CREATE TABLE `session` (
	`id` text PRIMARY KEY NOT NULL,
	`login_id` text NOT NULL,
	`tenant_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer,
	FOREIGN KEY (`login_id`) REFERENCES `login`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `session_by_login` ON `session` (`login_id`);--> statement-breakpoint
CREATE TABLE `attempt` (
	`id` text PRIMARY KEY NOT NULL,
	`message_id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`account_id` text NOT NULL,
	`lease_number` integer NOT NULL,
	`started_at` integer NOT NULL,
	`data_ending_at` integer,
	`ended_at` integer,
	`outcome` text,
	`phase` text,
	`reply_code` integer,
	`enhanced_status` text,
	`reply_text` text,
	`error_code` text,
	`server_address` text,
	`tls` text,
	`duration_ms` integer,
	FOREIGN KEY (`message_id`) REFERENCES `message`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `attempt_of_message` ON `attempt` (`message_id`,`started_at`);--> statement-breakpoint
CREATE TABLE `message_body` (
	`message_id` text PRIMARY KEY NOT NULL,
	`raw` blob NOT NULL,
	FOREIGN KEY (`message_id`) REFERENCES `message`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `message` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`card_id` text NOT NULL,
	`account_id` text NOT NULL,
	`kind` text NOT NULL,
	`priority` integer NOT NULL,
	`state` text NOT NULL,
	`waiting_for` text,
	`envelope_sender` text NOT NULL,
	`from_name` text NOT NULL,
	`from_address` text NOT NULL,
	`reply_to` text,
	`subject` text NOT NULL,
	`rfc_message_id` text NOT NULL,
	`idempotency_key` text,
	`size_bytes` integer NOT NULL,
	`search` text NOT NULL,
	`attempt_count` integer DEFAULT 0 NOT NULL,
	`data_at` integer,
	`queued_at` integer NOT NULL,
	`due_at` integer,
	`expires_at` integer NOT NULL,
	`ended_at` integer,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`card_id`) REFERENCES `card`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`account_id`) REFERENCES `account`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `message_account_due` ON `message` (`account_id`,`state`,`priority`,`due_at`);--> statement-breakpoint
CREATE INDEX `message_listing` ON `message` (`tenant_id`,`queued_at`,`id`);--> statement-breakpoint
CREATE INDEX `message_by_state` ON `message` (`tenant_id`,`state`,`queued_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `message_idempotency` ON `message` (`tenant_id`,`idempotency_key`);--> statement-breakpoint
CREATE TABLE `recipient` (
	`id` text PRIMARY KEY NOT NULL,
	`message_id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`position` integer NOT NULL,
	`field` text NOT NULL,
	`address` text NOT NULL,
	`state` text NOT NULL,
	`reply_code` integer,
	`enhanced_status` text,
	`reply_text` text,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`message_id`) REFERENCES `message`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `recipient_of_message` ON `recipient` (`message_id`,`position`);--> statement-breakpoint
CREATE TABLE `test_send` (
	`id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`login_id` text NOT NULL,
	`card_id` text NOT NULL,
	`message_id` text NOT NULL,
	`route` text NOT NULL,
	`values_sealed` text,
	`host` text,
	`username` text,
	`login_refused` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`wipe_at` integer NOT NULL,
	`ended_at` integer,
	`outcome` text,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `test_send_by_login` ON `test_send` (`login_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `test_send_by_tenant` ON `test_send` (`tenant_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `test_send_by_host` ON `test_send` (`host`,`username`,`created_at`);--> statement-breakpoint
CREATE TABLE `test_step` (
	`id` text PRIMARY KEY NOT NULL,
	`test_send_id` text NOT NULL,
	`tenant_id` text NOT NULL,
	`position` integer NOT NULL,
	`step` text NOT NULL,
	FOREIGN KEY (`test_send_id`) REFERENCES `test_send`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `test_step_position` ON `test_step` (`test_send_id`,`position`);--> statement-breakpoint
CREATE TABLE `captured_message` (
	`id` text PRIMARY KEY NOT NULL,
	`received_at` integer NOT NULL,
	`envelope_sender` text NOT NULL,
	`envelope_recipients` text NOT NULL,
	`username` text,
	`subject` text NOT NULL,
	`raw` blob NOT NULL
);
--> statement-breakpoint
CREATE INDEX `captured_message_listing` ON `captured_message` (`received_at`);--> statement-breakpoint
CREATE TABLE `credential` (
	`card_id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`host` text NOT NULL,
	`port` integer NOT NULL,
	`tls` text NOT NULL,
	`username` text NOT NULL,
	`password_sealed` text NOT NULL,
	`saved_at` integer NOT NULL,
	FOREIGN KEY (`card_id`) REFERENCES `card`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `sender` (
	`card_id` text PRIMARY KEY NOT NULL,
	`tenant_id` text NOT NULL,
	`choice` text NOT NULL,
	`host` text,
	`port` integer,
	`tls` text,
	`username` text,
	`author_is_login` integer DEFAULT false NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`card_id`) REFERENCES `card`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `sending_policy` (
	`tenant_id` text PRIMARY KEY NOT NULL,
	`base_card_id` text,
	`users_may_set` text NOT NULL,
	`author_is_login` integer DEFAULT false NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`tenant_id`) REFERENCES `tenant`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`base_card_id`) REFERENCES `card`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `tenant` (
	`id` text PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`has_mailing_module` integer DEFAULT false NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `tenant_slug_unique` ON `tenant` (`slug`);