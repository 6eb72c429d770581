ALTER TABLE `message_content` ADD `text` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `message_content` ADD `html` text;--> statement-breakpoint
UPDATE `message_content` SET
  `text` = json_extract(`content`, '$.text'),
  `html` = json_extract(`content`, '$.html'),
  `content` = json_remove(`content`, '$.text', '$.html');
