ALTER TABLE `installation` ADD `indexed_to` text;--> statement-breakpoint
CREATE VIRTUAL TABLE `message_word` USING fts5(message_id UNINDEXED, words, content='', contentless_unindexed=1, detail='none', columnsize=0, tokenize="ascii tokenchars '!#$%&()*+,-./:;<=>?@[\]^_`{|}~''""'");--> statement-breakpoint
UPDATE `message` SET `search` = ' ' || `search` WHERE `search` NOT LIKE ' %';
