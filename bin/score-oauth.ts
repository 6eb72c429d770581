import { explainOAuthError } from '@/lib/microsoft365/explain-oauth-error'
import { requireCorpus } from '@/lib/testing/read-corpus'

/**
 * `npm run score:oauth`: how often the rules name the cause of Microsoft's sign-in errors as people met them, and who has to act.
 * The rows are read from CORPORA_DIR; none of them is in the repository.
 */
type Row = { code: string; raw: string; oauth_error: string; cause_key: string; action: string }

const rows = requireCorpus<Row>('oauth-errors/oauth-errors.public.jsonl')

const score = { rows: 0, cause: 0, action: 0, actionWithoutCode: 0 }
for (const row of rows) {
  const { cause, action } = explainOAuthError({ error: row.oauth_error, description: row.raw })
  // the same without its number: how the rules hold where Microsoft invents a new one
  const blind = explainOAuthError({ error: row.oauth_error, description: row.raw.replace(/(AADSTS|\b)\d{5,8}\b/g, '') })
  const isCause = cause.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`) === row.cause_key
  score.rows++
  if (isCause) score.cause++
  if (action === row.action) score.action++
  if (blind.action === row.action) score.actionWithoutCode++
  if (process.argv.includes('--fail') && !(isCause && action === row.action)) console.log(row.code, row.cause_key, row.action, '≠', cause, action)
  if (process.argv.includes('--blind') && blind.action !== row.action) console.log(row.code, row.cause_key, row.action, '≠', blind.cause, blind.action)
}
const percent = (part: number) => `${((100 * part) / score.rows).toFixed(1)} %`
console.log(
  `${score.rows} errors: cause ${percent(score.cause)}, who has to act ${percent(score.action)}; without their numbers ${percent(score.actionWithoutCode)}`,
)
