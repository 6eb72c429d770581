import assert from 'node:assert/strict'
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { createTransport } from 'nodemailer'
import type { Db } from '@/db/client'
import type { Actor } from '@/lib/actor/actor'
import { createApiKey } from '@/lib/api/api-key'
import type { DoorLimits } from '@/lib/smtp-in/door-limits'
import { startDoor } from '@/lib/smtp-in/start-door'
import { certificateFor } from './certificate'

type TestDoor = AsyncDisposable & { starttlsPort: number; tlsPort: number }

/** The SMTP door on two free loopback ports, with a certificate this process trusts. */
export async function startTestDoor(db: Db, limits: Partial<DoorLimits> = {}): Promise<TestDoor> {
  const door = await startDoor(db, { host: '127.0.0.1', starttlsPort: 0, tlsPort: 0, certificate: await certificateFor(['localhost']), limits })
  return { starttlsPort: door.starttlsPort ?? 0, tlsPort: door.tlsPort ?? 0, [Symbol.asyncDispose]: () => door.close() }
}

/** A key that sends as every card of the admin's company, or as told. */
export async function makeKey(
  db: Db,
  admin: Actor,
  { codes, scope = 'send', addresses = [], expires = null }: Partial<KeyWish> = {},
): Promise<{ id: string; key: string }> {
  return createApiKey(db, admin, { name: 'ERP', scope, cards: codes ? 'named' : 'all', codes: codes ?? [], addresses, expires })
}
type KeyWish = { codes: string[]; scope: 'send' | 'read'; addresses: string[]; expires: Date | null }

/** A program as most are: nodemailer, by either port. */
export function programOf(door: TestDoor, user: string, pass: string, port: 'starttls' | 'tls' = 'tls') {
  return createTransport({
    host: 'localhost',
    port: port === 'tls' ? door.tlsPort : door.starttlsPort,
    secure: port === 'tls',
    requireTLS: port === 'starttls',
    auth: { user, pass },
    connectionTimeout: 10_000,
  })
}

export type Talk = AsyncDisposable & {
  /** Sends these bytes as they are and waits for the next whole reply. */
  say(text: string): Promise<string>
  /** The next reply; rejects when the door hangs up instead. */
  hear(): Promise<string>
  ended: Promise<void>
  socket: Socket
}

/** A program of which every byte is told. The greeting has been heard. */
export async function talkTo(port: number, { tls = true }: { tls?: boolean } = {}): Promise<Talk> {
  const socket: Socket = tls ? connectTls({ port, host: 'localhost' }) : connectPlain(port, '127.0.0.1')
  let heard = ''
  let waiting: { resolve: (reply: string) => void; reject: (error: Error) => void } | undefined
  let isOver = false
  const look = () => {
    const whole = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(heard)?.[0]
    if (whole === undefined || !waiting) return
    heard = heard.slice(whole.length)
    const { resolve } = waiting
    waiting = undefined
    resolve(whole.trimEnd())
  }
  socket.on('data', chunk => {
    heard += chunk.toString('utf8')
    look()
  })
  socket.on('error', () => undefined)
  const ended = new Promise<void>(resolve => {
    socket.once('close', () => {
      isOver = true
      waiting?.reject(new Error('the door hung up'))
      resolve()
    })
  })
  const hear = () =>
    new Promise<string>((resolve, reject) => {
      waiting = { resolve, reject }
      look()
      if (isOver && waiting) reject(new Error('the door hung up'))
    })
  const talk: Talk = {
    hear,
    say: text => {
      socket.write(text)
      return hear()
    },
    ended,
    socket,
    async [Symbol.asyncDispose]() {
      socket.destroy()
    },
  }
  await hear()
  return talk
}

/** The line that signs in by AUTH PLAIN. */
export const plain = (user: string, key: string) => `AUTH PLAIN ${Buffer.from(`\0${user}\0${key}`).toString('base64')}\r\n`

/** A session that has signed in. */
export async function signedIn(door: TestDoor, key: string) {
  const talk = await talkTo(door.tlsPort)
  await talk.say('EHLO erp.test\r\n')
  assert.match(await talk.say(plain('ANNA@acme', key)), /^235/)
  return talk
}

/** A session that may begin its message. */
export async function atData(door: TestDoor, key: string) {
  const talk = await signedIn(door, key)
  await talk.say('MAIL FROM:<anna@acme.test>\r\n')
  await talk.say('RCPT TO:<k@example.test>\r\n')
  assert.match(await talk.say('DATA\r\n'), /^354/)
  return talk
}
