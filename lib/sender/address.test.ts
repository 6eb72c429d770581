import { expect, test } from 'vitest'
import { type HostileInput, readHostileInputs } from '@/lib/testing/hostile-inputs'
import { addressField, parseAddress } from './address'

test.each([
  ['anna@acme.test', 'anna@acme.test'],
  ['Anna.Nowak+faktury@Acme.TEST', 'Anna.Nowak+faktury@acme.test'],
  ['a+b=c@example.com', 'a+b=c@example.com'],
  ['biuro@żółw.pl', 'biuro@xn--w-uga1v8h.pl'],
])('%s is the address %s', (text, address) => {
  expect(parseAddress(text)).toBe(address)
})

test.each([
  ['', 'nothing'],
  ['anna', 'no domain'],
  ['anna@acme', 'a domain of one label is a machine'],
  [' anna@acme.test', 'a blank in front'],
  ['anna@acme.test\r\nRCPT TO:<x@evil.test>', 'a second command'],
  ['anna@acme.test\0', 'a NUL'],
  ['a@b@acme.test', 'two @'],
  ['"a b"@acme.test', 'a quoted local part'],
  ['a(x)@acme.test', 'a comment'],
  ['=?utf-8?q?a?=@acme.test', 'an encoded word'],
  ['|/bin/sh@acme.test', 'a pipe'],
  ['anna@[127.0.0.1]', 'a literal'],
  ['anna@127.0.0.1', 'a bare IP'],
  ['anna@acme.test.', 'a trailing dot'],
  ['anna@-acme.test', 'a label that begins with a hyphen'],
  ['anna@ac_me.test', 'an underscore'],
  ['anna@acme。test', 'an ideographic full stop'],
  ['anna@ａcme.test', 'a full-width letter, which folds into another name'],
  [`${'a'.repeat(65)}@acme.test`, 'a local part of 65'],
  [`a@${'a.'.repeat(130)}test`, 'more than 254'],
])('%j is no address: %s', text => {
  expect(() => parseAddress(text)).toThrow('addressInvalid')
})

test('letters before the @ that need SMTPUTF8 are named', () => {
  expect(() => parseAddress('õie@acme.test')).toThrow('addressNeedsAscii')
})

test('a form drops the blanks of a pasted address, and takes an empty field as none', () => {
  expect(addressField.parse(' anna@acme.test\u00a0')).toBe('anna@acme.test')
  expect(addressField.parse('')).toBeNull()
  expect(addressField.safeParse('anna').error?.issues[0]?.message).toBe('addressInvalid')
})

const hostile = readHostileInputs()

/** The corpus's long ones are JavaScript expressions of these two shapes. */
function payloadOf({ payload, recipe = '' }: HostileInput): string {
  if (payload !== undefined) return payload
  const repeated = /^'(.*)'\.repeat\((\d+)\)(?:\+'(.*)')?$/.exec(recipe)
  return repeated ? `${repeated[1]?.repeat(Number(repeated[2]))}${repeated[3] ?? ''}` : `${'a@example.com,'.repeat(5)}${' '.repeat(1e6)}`
}

const isHostile = ({ field, expect: wanted }: HostileInput) => ['to', 'envelopeFrom'].includes(field) && /^(reject|block)/.test(wanted)

test.skipIf(hostile === null)(`the hostile addresses of CORPORA_DIR (${hostile === null ? 'absent: skipped' : 'read'}) are refused, and quickly`, () => {
  for (const row of (hostile ?? []).filter(isHostile)) {
    const text = payloadOf(row)
    const before = performance.now()
    expect(() => parseAddress(text), row.id).toThrow(/address/)
    expect(performance.now() - before, row.id).toBeLessThan(100)
  }
})
