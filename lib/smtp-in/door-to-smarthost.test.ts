import { expect, test } from 'vitest'
import { runEngine } from '@/lib/outbox/run-engine'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { makeKey, plain, startTestDoor, talkTo } from '@/lib/testing/door'
import { startSmarthost } from '@/lib/testing/smtp-server'

const came = Buffer.concat([
  Buffer.from('From: Anna <anna@acme.test>\r\nTo: k@example.test\r\nMessage-ID: <77@erp.test>\r\nDate: Tue, 24 Nov 2026 20:00:00 +0100\r\n'),
  Buffer.from('X-Erp:  kept \t as\r\n  it is\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\n.\r\n.dots\r\n'),
  Buffer.from('Zażółć – ośmiobitowo\r\n--b--\r\n\r\n'),
])

test('what a program hands in arrives at the server as it was, byte by byte, below one line of trace', async () => {
  await using db = await testDb()
  await using smarthost = await startSmarthost({ offersDsn: true })
  const acme = await makeCompany(db)
  const { key } = await makeKey(db, acme.admin)
  await using door = await startTestDoor(db)
  await using talk = await talkTo(door.tlsPort)
  await talk.say('EHLO erp.test\r\n')
  await talk.say(plain('ANNA@acme', key))
  await talk.say('MAIL FROM:<anna@acme.test> BODY=8BITMIME RET=HDRS ENVID=QQ+2B314\r\n')
  await talk.say('RCPT TO:<k@example.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;k+2Bx@example.test\r\n')
  await talk.say('RCPT TO:<archiwum@acme.test>\r\n')
  await talk.say('DATA\r\n')
  talk.socket.write(came.toString('latin1').replace(/\r\n\./g, '\r\n..'), 'latin1')
  expect(await talk.say('.\r\n')).toMatch(/^250 2\.0\.0 queued as/)

  const stop = new AbortController()
  const relay = { host: smarthost.host, port: smarthost.port, tls: 'starttls' as const, login: null, trust: 'platform' as const }
  const engine = runEngine(db, { signal: stop.signal, engineId: 'one', mode: 'live', relay, pollMs: 20 })
  await expect.poll(() => smarthost.received.length, { timeout: 10_000 }).toBe(1)
  stop.abort()
  await engine

  const [received] = smarthost.received
  expect(received).toMatchObject({ envelopeSender: 'anna@acme.test', envelopeRecipients: ['k@example.test', 'archiwum@acme.test'] })
  expect(received?.raw.replace(/^Received: by localhost \(Posthorn\) with ESMTPSA\r\n id \w+; [^\r]+\r\n/, '')).toBe(came.toString('utf8'))
  expect(received?.dsn, 'delivery reports are asked for as the program asked').toEqual({
    ret: 'HDRS',
    envid: 'QQ+314',
    recipients: [{ notify: ['FAILURE', 'DELAY'], orcpt: 'rfc822;k+x@example.test' }, undefined],
  })
})
