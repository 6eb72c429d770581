import { expect, test } from 'vitest'
import { quotaOf } from './quota-of'

test.each([
  ['5.4.5', 'Daily user sending limit exceeded.', 'day', null],
  ['5.1.90', 'Your message can’t be sent because you’ve reached your daily limit for message recipients', 'day', null],
  ['5.4.5', 'Sending quota exceeded', 'day', null],
  ['5.2.0', 'STOREDRV.Submission.Exception:SubmissionQuotaExceededException', 'day', null],
  [null, 'anna@acme.test is over its 24-hour limit: 25 recipients of 25 were not taken', 'day', null],
  ['5.7.1', 'anna@acme.test may write to 300 rcpts per 24 hours', 'day', 300],
  ['5.7.1', 'Przekroczono dzienny limit wysłanych wiadomości', 'day', null],
  ['5.7.1', 'Przekroczono limit 300 wiadomości w ciągu 24 godzin', 'day', null],
  ['5.7.1', 'Ööpäevane saatmislimiit on täis', 'day', null],
  [null, 'Domain acme.test has exceeded the max emails per hour (200/200 (100%)) allowed. Message discarded.', 'hour', 200],
  ['4.7.1', 'Data refused: too many messages per hour', 'hour', null],
  ['4.7.1', 'Sorry, maximum of 50 emails per hour exceeded', 'hour', 50],
  ['5.7.1', 'Przekroczono limit wiadomości na godzinę', 'hour', null],
  ['5.4.5', 'Daily sending limit exceeded. Call our 24/7 support', 'day', null],
  ['5.4.5', 'Daily sending limit exceeded, resets 10/05', 'day', null],
  ['5.4.5', 'Daily sending limit exceeded, resets 11/11', 'day', null],
  ['5.4.5', 'Limit of 2,500 messages per day exceeded', 'day', 2500],
  ['5.4.5', 'Limit of 1.500 messages per day exceeded', 'day', 1500],
  ['5.4.5', '12 500 messages per day are the most', 'day', 12500],
] as const)('%s %s is a quota of a time', (enhancedStatus, text, per, count) => {
  expect(quotaOf({ enhancedStatus, text })).toEqual({ per, count })
})

test.each([
  ['5.7.1', 'You have exceeded the sending limit for your account'],
  ['5.7.1', 'Limit of 100 messages per hour or 500 per day exceeded'],
  ['4.7.0', 'Too many messages, slow down'],
  ['4.7.1', 'Greylisted, try again in an hour'],
  ['5.7.1', 'Rejected on 12/11/2026, dobry wieczór'],
])('%s %s names no time, or two', (enhancedStatus, text) => {
  expect(quotaOf({ enhancedStatus, text })).toBeNull()
})
