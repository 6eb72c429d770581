import { diagnose } from '@/lib/diagnosis/diagnose'
import { failureFromText } from '@/lib/diagnosis/failure'
import { requireCorpus } from '@/lib/testing/read-corpus'

/**
 * `npm run score:diagnosis`: how often the rules name the cause of real replies, and whether trying again can help.
 * The rows are read from CORPORA_DIR, as people met and labelled them; none of them is in the repository.
 * Fails below the floors; `--fail` names the replies that were not understood.
 */
const floors = { cause: 90, retryable: 97, mostSureAndWrong: 2 } // percent of all replies

const file = 'smtp-errors/smtp-errors.public.jsonl'

type Row = { set: string; raw: string; stage: string; smtp_code: string | null; enhanced: string | null; node_code: string | null; diag: string; retry: string }
type Phase = NonNullable<ReturnType<typeof failureFromText>['phase']>

const phaseOf: Record<string, Phase> = {
  DNS: 'dns',
  connect: 'connect',
  TLS: 'tls',
  EHLO: 'ehlo',
  AUTH: 'auth',
  MAIL: 'mail',
  'MAIL FROM': 'mail',
  RCPT: 'rcpt',
  'RCPT TO': 'rcpt',
  DATA: 'reply',
}

const sets = new Map<string, { rows: number; cause: number; retryable: number; sureAndWrong: number }>()
for (const row of requireCorpus<Row>(file)) {
  const seen = failureFromText(row.raw, { phase: phaseOf[row.stage] ?? null, errorCode: row.node_code })
  const { kind, retry, isSure } = diagnose({ ...seen, code: Number(row.smtp_code) || seen.code, enhancedStatus: row.enhanced ?? seen.enhancedStatus })
  const isRight = kind.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`) === row.diag
  const isRetryRight = (retry === 'later') === (row.retry === 'later')
  for (const name of [row.set, 'all']) {
    const score = sets.get(name) ?? { rows: 0, cause: 0, retryable: 0, sureAndWrong: 0 }
    sets.set(name, score)
    score.rows++
    if (isRight) score.cause++
    else if (isSure) score.sureAndWrong++
    if (isRetryRight) score.retryable++
  }
  if (process.argv.includes('--fail') && !(isRight && isRetryRight))
    console.log(row.diag, row.retry, '≠', kind, retry, isSure ? '' : '(unsure)', row.raw.slice(0, 120))
}
const percent = (part: number, whole: number) => (100 * part) / whole
for (const [name, { rows, cause, retryable, sureAndWrong }] of sets) {
  const [causes, retries] = [percent(cause, rows), percent(retryable, rows)].map(share => share.toFixed(1))
  console.log(`${name}: ${rows} replies, cause ${causes} %, retryable or not ${retries} %, named for sure and wrong ${sureAndWrong}`)
}
const all = sets.get('all')
if (!all) throw new Error(`${file} holds no replies`)
const isBelow =
  percent(all.cause, all.rows) < floors.cause ||
  percent(all.retryable, all.rows) < floors.retryable ||
  percent(all.sureAndWrong, all.rows) > floors.mostSureAndWrong
if (isBelow) {
  console.error(`below the floors: cause ${floors.cause} %, retryable ${floors.retryable} %, at most ${floors.mostSureAndWrong} % named for sure and wrong`)
  process.exitCode = 1
}
