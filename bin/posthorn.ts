import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type ZodType, z } from 'zod'
import { closeDb, getDb, lastMigrationAt, migrateDb } from '@/db/client'
import { createApiKeyAsOperator } from '@/lib/api/api-key'
import { apiKeyForm } from '@/lib/api/api-key.form'
import { newCardForm } from '@/lib/card/card.form'
import { addCardAsOperator, confirmEmailAsOperator, listCardsAsOperator, setPasswordAsOperator } from '@/lib/card/operate-cards'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { examine } from '@/lib/installation/examine'
import { prepareInstallation } from '@/lib/installation/installation'
import { WrongInstallation } from '@/lib/installation/mode'
import { assertMigrated } from '@/lib/operate/readiness'
import { createTenant, listTenants, setMailingModule } from '@/lib/tenant/tenant'
import { newTenantForm } from '@/lib/tenant/tenant.form'
import { sentenceFor } from './begin'
import { type Answer, type Command, type Options, said } from './command'
import { operateCommands } from './posthorn-operate'
import { findSentence } from './say'

class UsageError extends Error {}

const commands: Record<string, Command> = {
  'company create': {
    usage: '--slug acme --name "Acme Ltd"',
    about: 'make a company; its event address is <slug>@ the event domain',
    run: async (db, options) => {
      const { slug } = await createTenant(db, parse(newTenantForm, options))
      return said({ slug }, `Company ${slug} is made. Next: posthorn user add --company ${slug} --code … --role admin`)
    },
  },
  'company list': {
    usage: '',
    about: 'list the companies',
    run: async db => {
      const companies = (await listTenants(db)).map(({ slug, name, hasMailingModule }) => ({ slug, name, hasMailingModule }))
      return { rows: companies, lines: companies.map(({ slug, name, hasMailingModule }) => columns(slug, name, hasMailingModule ? 'mass mailing' : '')) }
    },
  },
  'company module': {
    usage: '--company acme --mailing on|off',
    about: 'switch the mass mailing module',
    run: async (db, options) => {
      const { company: slug, mailing } = parse(z.object({ company: given, mailing: z.enum(['on', 'off'], { error: 'Choose on or off.' }) }), options)
      await setMailingModule(db, { slug, isOn: mailing === 'on' })
      return said({ slug, hasMailingModule: mailing === 'on' }, `Mass mailing of ${slug} is ${mailing}.`)
    },
  },
  'user add': {
    usage: '--company acme --code ANNA --name "Anna Nowak" --email anna@acme.com [--login …] [--role admin|user] [--confirmed] [--link [--keep-password]]',
    about: 'make a card, and a login with a first password for somebody new; --link: for a person of another company, with a new password unless it is kept',
    run: async (db, options) => {
      const { company: slug } = parse(z.object({ company: given }), options)
      const card = parse(newCardForm, { role: 'user', ...options, loginEmail: options.login })
      const linking = options.link ? (options['keep-password'] ? 'samePassword' : 'newPassword') : 'refused'
      const { firstPassword } = await addCardAsOperator(db, { slug, linking, ...card, isConfirmed: options.confirmed === true })
      const signIn = firstPassword ? `Password, shown once: ${firstPassword}` : 'This person signs in already and keeps the password.'
      return said({ company: slug, code: card.code, firstPassword }, `${card.code} of ${slug} is made. ${signIn}`)
    },
  },
  'user list': {
    usage: '--company acme',
    about: "list a company's cards",
    run: async (db, options) => {
      const { company: slug } = parse(z.object({ company: given }), options)
      const users = await listCardsAsOperator(db, { slug })
      return {
        rows: users,
        lines: users.map(user =>
          columns(user.code, user.name, user.email ?? 'no e-mail', user.isEmailConfirmed ? '' : 'not confirmed', user.role, user.isActive ? '' : 'not active'),
        ),
      }
    },
  },
  'user password': {
    usage: '--company acme --code ANNA [--password-stdin]',
    about: 'give a new password, and sign the person out everywhere',
    run: async (db, options) => {
      const who = parse(companyAndCode, options)
      const { madePassword } = await setPasswordAsOperator(db, { ...who, password: typeof options.piped === 'string' ? options.piped : undefined })
      return said({ ...who, password: madePassword }, madePassword ? `New password, shown once: ${madePassword}` : 'The password is set.')
    },
  },
  'user confirm': {
    usage: '--company acme --code ANNA',
    about: "take the card's e-mail as confirmed, so that it may be used as From",
    run: async (db, options) => {
      const who = parse(companyAndCode, options)
      const { email } = await confirmEmailAsOperator(db, who)
      return said({ ...who, email }, `${email} is confirmed.`)
    },
  },
  ...operateCommands,
  'api-key create': {
    usage: '--company acme --name ERP (--codes ANNA,JAN | --all-cards) [--scope send|read] [--addresses 203.0.113.0/24] [--expires 2027-12-31]',
    about: 'make a key for a program; it is shown once',
    run: async (db, options) => {
      const { company: slug } = parse(z.object({ company: given }), options)
      const cards = options['all-cards'] === true ? 'all' : 'named'
      if (cards === 'all' && options.codes !== undefined) throw new UsageError('--codes names users, --all-cards takes all of them. Give one of the two.')
      const { id, key } = await createApiKeyAsOperator(db, { slug, ...parse(apiKeyForm, { scope: 'send', ...options, cards }) })
      return said({ company: slug, id, key }, `API key, shown once: ${key}`)
    },
  },
  migrate: {
    usage: '',
    tables: 'brings',
    about: "bring the database to this build's state, and prepare a new one: with RELAY_URL a live installation, else a sandbox",
    run: async db => {
      const { mode, setupCode } = await prepareInstallation(db)
      const next = setupCode ? [`Not set up yet. Open ${env.appUrl}/setup and type this code, once: ${setupCode}`] : []
      return said({ migrated: true, mode, setupCode }, `The database is up to date. It is of a ${mode === 'live' ? 'live installation' : 'sandbox'}.`, ...next)
    },
  },
  doctor: {
    usage: '',
    about: 'check the database, its mode and clock, the keys, the relay and Microsoft 365',
    run: async db => {
      const findings = await examine(db)
      return {
        rows: findings,
        lines: findings.map(({ name, isWell, text }) => columns(isWell ? 'ok' : 'WRONG', name, text)),
        isWell: findings.every(({ isWell }) => isWell),
      }
    },
  },
}

const given = z.string({ error: 'an option is missing' }).min(1)
const companyAndCode = z.object({ company: given, code: given }).transform(({ company, code }) => ({ slug: company, code }))

const columns = (...cells: string[]) => cells.filter(Boolean).join('\t')

/** Reads options with the forms of the pages; their codes become the same sentences. */
function parse<T>(form: ZodType<T>, options: Options): T {
  const parsed = form.safeParse(options)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const option = issue?.path.join('.')
  const values = issue?.code === 'custom' ? issue.params : undefined
  throw new UsageError(`--${option === 'loginEmail' ? 'login' : option}: ${sentence(issue?.message ?? '', values)}`)
}

/** Refusals that an operator is told otherwise than the people on the pages. */
const toOperators: Record<string, (values: Refusal['values']) => string> = {
  companyNotFound: ({ slug }) => `There is no company ${slug}. See posthorn company list.`,
  loginElsewhere: () =>
    'This person signs in already, in another company, whose admin made that password. With --link they get this card and a new password; ' +
    'with --link --keep-password they keep it: only when you know that it is theirs alone.',
}

/** What is no code is a sentence already. */
const sentence = (code: string, values?: Record<string, string | number>): string => findSentence('en', code, values) ?? code

function help(): string {
  const lines = Object.entries(commands).map(([name, { usage, about }]) => `  ${`${name} ${usage}`.trim()}\n      ${about}`)
  return [
    'posthorn: the operator’s command line. Settings come from the environment, see .env.example.',
    '',
    ...lines,
    '',
    'Every command takes --json: what it answers as JSON on stdout, and why it does not as {"error":{"code","message"}} on stderr.',
    'Exit codes: 0 done, 1 refused or not well, 2 wrong use.',
  ].join('\n')
}

type Outcome = { exitCode: number; stdout: string; stderr: string }

/** Runs one command; `readInput` gives what was piped in. */
export async function posthorn(args: string[], readInput = () => readFileSync(0, 'utf8')): Promise<Outcome> {
  try {
    const { values, positionals } = readArguments(args)
    const { name, file } = nameOf(positionals, values)
    if (values.help || name === '' || name === 'help') return { exitCode: values.help || name ? 0 : 2, stdout: help(), stderr: '' }
    const command = commands[name]
    if (!command) throw new UsageError(`There is no command "${name}". See posthorn help.`)
    const piped = values['password-stdin'] ? readInput().replace(/\r?\n$/, '') : undefined
    const options = { ...values, piped, file }
    const { rows, lines, isWell = true } = await runCommand(command, options).catch(orSayUsage(name, command))
    return { exitCode: isWell ? 0 : 1, stdout: values.json ? JSON.stringify(rows) : lines.join('\n'), stderr: '' }
  } catch (error) {
    const [code, message] = [codeOf(error), reasonFor(error)]
    const isForProgram = args.includes('--json') // of the words themselves: they may be what could not be read
    return { exitCode: code === 'wrongUse' ? 2 : 1, stdout: '', stderr: isForProgram ? JSON.stringify({ error: { code, message } }) : message }
  }
}

/** For a program: a refusal's own code; what is none has one of two. */
const codeOf = (error: unknown): string => (error instanceof Refusal ? error.code : error instanceof UsageError ? 'wrongUse' : 'failed')

function reasonFor(error: unknown): string {
  if (error instanceof Refusal) return toOperators[error.code]?.(error.values) ?? sentence(error.code, error.values)
  return sentenceFor(error) ?? (error instanceof Error ? error.message : String(error))
}

const orSayUsage =
  (name: string, { usage }: Command) =>
  (error: unknown) => {
    throw error instanceof UsageError ? new UsageError(`${error.message}\nUse: posthorn ${name} ${usage}`) : error
  }

/** A command's name, and the file that follows the names of those that take one. */
function nameOf(positionals: string[], values: Options): { name: string; file: string | undefined } {
  const [first = '', file] = positionals
  if (!commands[first]?.takesFile || values.restored) return { name: positionals.join(' '), file: undefined }
  if (positionals.length !== 2) throw new UsageError(`posthorn ${first} ${commands[first].usage}`)
  return { name: first, file }
}

/** Only `migrate` makes a database or changes its tables: what was typed with the settings of another installation does neither. */
async function runCommand(command: Command, options: Options): Promise<Answer> {
  if (!('run' in command)) return command.runWithout(options)
  if (command.tables !== 'brings') assertThere()
  const db = getDb({ isPatient: true })
  try {
    await (command.tables === 'brings' ? migrateDb(db) : command.tables === 'any' ? lastMigrationAt(db) : assertMigrated(db))
    return await command.run(db, options)
  } finally {
    await closeDb(db)
  }
}

function assertThere(): void {
  const { database } = env
  if (database.dialect === 'postgres' || existsSync(database.file)) return
  throw new WrongInstallation(`There is no database ${database.file}. Give the settings of web and engine, or make it: npm run -s posthorn -- migrate`)
}

function readArguments(args: string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = {
    company: text,
    slug: text,
    name: text,
    code: text,
    email: text,
    login: text,
    role: text,
    mailing: text,
    confirmed: flag,
    link: flag,
    'keep-password': flag,
    codes: text,
    scope: text,
    addresses: text,
    expires: text,
    'all-cards': flag,
    restored: flag,
    'send-waiting': flag,
    forget: text,
    json: flag,
    help: flag,
  } as const
  const { values, positionals } = orUsageError(() => parseArgs({ args, allowPositionals: true, options: { ...options, 'password-stdin': flag } }))
  const empty = Object.entries(values).find(([, value]) => typeof value === 'string' && value.trim() === '')
  // as of a script whose variable is not set: the key it makes would hold for every address, and for good
  if (empty) throw new UsageError(`--${empty[0]} is empty. Give it a value, or leave it out.`)
  return { values, positionals }
}

function orUsageError<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

if (process.argv[1] && realpathSync(process.argv[1]) === import.meta.filename) {
  const { exitCode, stdout, stderr } = await posthorn(process.argv.slice(2))
  if (stdout) console.log(stdout)
  if (stderr) console.error(stderr)
  process.exitCode = exitCode
}
