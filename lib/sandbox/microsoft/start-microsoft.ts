import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { SMTPServer } from 'smtp-server'
import type { Db } from '@/db/client'
import { sandboxMicrosoft } from '@/db/schema'
import { env } from '@/lib/env'
import { log } from '@/lib/log'
import { redirectUri, sandboxClientId, sandboxClientSecret } from '@/lib/microsoft365/application'
import { open, type Place, seal } from '@/lib/secret/seal'
import { keepMessage, maxBytes, takeMail } from '../sandbox-server'
import { type IdentityProvider, startIdentityProvider } from './identity-provider'

const id = 'microsoft365'
const grantsPlace: Place = { table: 'sandbox_microsoft', column: 'grants_sealed', tenantId: '', rowId: id }

/**
 * Microsoft, played by the sandbox: a sign-in, and a mail server that takes its tokens, and Graph. Where they are is written into the database,
 * for web. Null where no certificate for them was made: only `npm start` makes one, because processes must trust it before they start.
 */
export async function startSandboxMicrosoft(db: Db): Promise<{ close(): Promise<void> } | null> {
  const certificate = readCertificate()
  if (!certificate || env.microsoft365) return null
  const identity = await startIdentityProvider({
    certificate,
    clientId: sandboxClientId,
    clientSecret: sandboxClientSecret(),
    redirectUri: redirectUri(),
    kept: await keptGrants(db),
    onChange: keeper(db),
    onMail: ({ mailbox, recipients, raw }) =>
      keepMessage(db, { envelopeSender: mailbox, envelopeRecipients: recipients, username: mailbox, raw }).then(() => undefined),
  })
  const server = mailServer(db, identity, certificate)
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  await write(db, { authority: identity.authority, smtpPort: (server.server.address() as AddressInfo).port })
  return {
    close: async () => {
      await write(db, { authority: null, smtpPort: null })
      await new Promise<void>(resolve => server.close(() => resolve()))
      await identity.close()
    },
  }
}

type Certificate = { key: string; cert: string }

function readCertificate(): Certificate | null {
  const [key, cert] = ['microsoft.key', 'microsoft.pem'].map(name => path.join(env.dataDir, 'sandbox', name))
  if (!key || !cert || !existsSync(key) || !existsSync(cert)) return null
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

/** So that a newcomer can see it: of these mailboxes the organisation takes no mail over SMTP, and Graph is the way around. */
const switchedOff = 'smtp-off@'
const switchedOffText = '5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. [sandbox]'

/** As Microsoft's: STARTTLS, XOAUTH2 and nothing else, each mailbox under its own name. */
function mailServer(db: Db, identity: IdentityProvider, certificate: Certificate): SMTPServer {
  const server = new SMTPServer({
    ...certificate,
    banner: 'Posthorn sandbox in place of Microsoft 365',
    authMethods: ['XOAUTH2'],
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: true,
    size: maxBytes,
    logger: false,
    onAuth({ username = '', accessToken = '' }, _session, callback) {
      identity.whoHas(accessToken).then(person => {
        if (person?.address.startsWith(switchedOff)) callback(Object.assign(new Error(switchedOffText), { responseCode: 535 }))
        else if (person?.address === username.toLowerCase()) callback(null, { user: username })
        else callback(Object.assign(new Error('5.7.3 Authentication unsuccessful'), { responseCode: 535 }))
      }, callback)
    },
    onData: (stream, session, callback) => takeMail(db, stream, session, callback),
  })
  server.on('error', error => log.debug({ event: 'sandboxMicrosoft', err: error }, 'a connection to the sandbox broke'))
  return server
}

async function keptGrants(db: Db): Promise<string | null> {
  const [row] = await db.select().from(sandboxMicrosoft)
  try {
    return row?.grantsSealed ? open(row.grantsSealed, grantsPlace) : null
  } catch {
    return null // sealed with a key that is gone: people sign in again
  }
}

/** Writes the newest state, one write at a time. */
function keeper(db: Db): (kept: string) => void {
  let newest: string | null = null
  let writing = false
  const flush = async () => {
    writing = true
    while (newest !== null) {
      const kept = newest
      newest = null
      await write(db, { grantsSealed: seal(kept, grantsPlace) }).catch(error => log.warn({ event: 'sandboxMicrosoft', err: error }, 'grants were not kept'))
    }
    writing = false
  }
  return kept => {
    newest = kept
    if (!writing) void flush()
  }
}

async function write(db: Db, fields: Partial<typeof sandboxMicrosoft.$inferSelect>): Promise<void> {
  await db
    .insert(sandboxMicrosoft)
    .values({ id, ...fields })
    .onConflictDoUpdate({ target: sandboxMicrosoft.id, set: fields })
}
