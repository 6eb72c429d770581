import { kit } from '../dialect'

const { table, text, instant } = kit

/** This installation. One row; its mode is written when the database is made and never changes. */
export const installations = table('installation', {
  id: text('id', { enum: ['this'] }).primaryKey(),
  mode: text('mode', { enum: ['sandbox', 'live'] }).notNull(),
  setupCodeHash: text('setup_code_hash'), // null: set up already, or a sandbox
  heldAt: instant('held_at'), // no mail of anybody leaves since a backup was restored; null: mail leaves
  indexedTo: text('indexed_to'), // the words of messages up to this id are in the index of db/word-index.ts; null: of none
  createdAt: instant('created_at').notNull(),
})

export type Installation = typeof installations.$inferSelect
