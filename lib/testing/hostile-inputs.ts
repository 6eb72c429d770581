import { readCorpus } from './read-corpus'

export type HostileInput = { id: string; field: string; payload?: string; payload_hex?: string; recipe?: string; expect: string }

/** Inputs that were made to break mail software; null where CORPORA_DIR has none. */
export const readHostileInputs = (): HostileInput[] | null => readCorpus<HostileInput>('hostile/hostile-inputs.public.jsonl')
