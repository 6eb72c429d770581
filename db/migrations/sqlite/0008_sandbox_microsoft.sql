CREATE TABLE `sandbox_microsoft` (
	`id` text PRIMARY KEY NOT NULL,
	`authority` text,
	`smtp_port` integer,
	`grants_sealed` text
);
