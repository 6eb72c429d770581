import type { Payloads } from './payload-schema'

const timestamp = '2026-05-04T08:30:02.114Z'

const message = {
  message_id: '01kqsg3jwx4z8v0m2c6r9t1b5h',
  kind: 'document',
  user: 'ANNA',
  rfc_message_id: '01kqsg3jwx4z8v0m2c6r9t1b5h@acme.example',
  queued_at: '2026-05-04T08:30:00.925Z',
  reply: null,
  recipients: null,
  redirected_to: null,
  error: null,
  reason: null,
  next_attempt_at: null,
} as const

const account = {
  account_id: '01kqsd7n3e5w9y1a4f8h2k6m0p',
  kind: 'smtp',
  server: 'smtp.acme.example',
  username: 'anna@acme.example',
  user: 'ANNA',
  reason: null,
  text: null,
  expires_at: null,
} as const

const one = 'customer@example.com'
const taken = { code: 250, enhanced_status: '2.0.0', text: 'Ok: queued as 4F2A91C03' }
const full = { code: 452, enhanced_status: '4.2.2', text: 'Mailbox full' }
const nobody = { code: 550, enhanced_status: '5.1.1', text: 'No such user here' }
const wrong = '535 5.7.8 Authentication credentials invalid'

/** An event of each kind as a webhook gets it. */
export const payloadExamples: Payloads = {
  'message.queued': { type: 'message.queued', timestamp: message.queued_at, data: { ...message, state: 'queued' } },
  'message.accepted': {
    type: 'message.accepted',
    timestamp,
    data: { ...message, state: 'accepted', reply: taken, recipients: [{ address: one, state: 'accepted', reply: taken }] },
  },
  'message.waiting': {
    type: 'message.waiting',
    timestamp,
    data: {
      ...{ ...message, state: 'waiting', reply: full, recipients: [{ address: one, state: 'waiting', reply: full }] },
      ...{ reason: 'tryLater', next_attempt_at: '2026-05-04T08:35:02.114Z' },
    },
  },
  'message.refused': {
    type: 'message.refused',
    timestamp,
    data: {
      ...{ ...message, state: 'refused', reply: nobody },
      recipients: [
        { address: one, state: 'accepted', reply: taken },
        { address: 'nobody@example.com', state: 'refused', reply: nobody },
      ],
    },
  },
  'message.unknown': {
    type: 'message.unknown',
    timestamp,
    data: {
      ...{ ...message, state: 'unknown', recipients: [{ address: one, state: 'unknown', reply: null }] },
      ...{ error: 'connectionLost', next_attempt_at: '2026-05-04T08:35:02.114Z' },
    },
  },
  'message.expired': { type: 'message.expired', timestamp: '2026-05-09T08:30:07.301Z', data: { ...message, state: 'expired' } },
  'message.cancelled': { type: 'message.cancelled', timestamp, data: { ...message, state: 'cancelled' } },
  'account.paused': { type: 'account.paused', timestamp, data: { ...account, reason: 'loginRefused', text: wrong } },
  'account.resumed': { type: 'account.resumed', timestamp, data: account },
  'account.expiring': {
    type: 'account.expiring',
    timestamp,
    data: { ...account, kind: 'microsoft365', server: null, reason: 'consentUnused', expires_at: '2026-05-19T06:12:40.000Z' },
  },
  'webhook.test': { type: 'webhook.test', timestamp, data: { webhook_id: '01kqsc2b6d8f0h4k7m9p1r3t5w' } },
}
