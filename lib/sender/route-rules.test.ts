import { describe, expect, test } from 'vitest'
import type { SendingPolicy } from '@/db/schema'
import type { Route, Server } from './route'
import { type CardFacts, nothingChosen, type RouteFacts, type SenderValues } from './route-facts'
import { accountIdentityOf, resolveRoute } from './route-rules'

type Policy = SendingPolicy['usersMaySet']

const eventDomain = 'event.platform.test'
const relay: Server = { host: 'relay.platform.test', port: 25, tls: 'starttls' }
const microsoft: Server = { host: 'smtp.microsoft.test', port: 587, tls: 'starttls' }
const ownServer: Server = { host: 'smtp.anna.test', port: 465, tls: 'implicit' }
const baseServer: Server = { host: 'smtp.jan.test', port: 587, tls: 'starttls' }
const savedAt = new Date('2026-05-03T12:20:00Z')

const card = (code: string, sender: Partial<SenderValues>, more: Partial<CardFacts> = {}): CardFacts => ({
  cardId: `card-${code}`,
  code,
  name: code,
  email: `${code.toLowerCase()}@acme.test`,
  isEmailConfirmed: true,
  isActive: true,
  sender: { ...nothingChosen, ...sender },
  binding: null,
  mailboxNames: [],
  senderVersion: 1,
  ...more,
})
const bound = (server: Server, username: string) => ({ binding: { ...server, username, savedAt } })

const jan = { username: 'jan@mailbox.test' }
const bases: Record<string, CardFacts | null> = {
  none: null,
  platform: card('JAN', {}),
  smtp: card('JAN', { choice: 'smtp', ...baseServer, ...jan }, bound(baseServer, jan.username)),
  noLogin: card('JAN', { choice: 'smtp', ...baseServer }),
  noPassword: card('JAN', { choice: 'smtp', ...baseServer, ...jan }),
  noServer: card('JAN', { choice: 'smtp', ...jan }),
  microsoft: card('JAN', { choice: 'microsoft365', ...jan }, { mailboxNames: [jan.username] }),
  revoked: card('JAN', { choice: 'microsoft365', ...jan }),
  replyTo: card('JAN', { choice: 'replyTo' }),
  inactive: card('JAN', { choice: 'smtp', ...baseServer, ...jan }, { isActive: false, ...bound(baseServer, jan.username) }),
}

const anna = { username: 'anna@mailbox.test' }
const owns: Record<string, CardFacts> = {
  platform: card('ANNA', {}),
  server: card('ANNA', { choice: 'smtp', ...ownServer, ...anna }, bound(ownServer, anna.username)),
  serverNoPassword: card('ANNA', { choice: 'smtp', ...ownServer, ...anna }),
  serverNoLogin: card('ANNA', { choice: 'smtp', ...ownServer }),
  login: card('ANNA', { choice: 'smtp', ...anna }, bound(baseServer, anna.username)),
  loginNoPassword: card('ANNA', { choice: 'smtp', ...anna }),
  nothingFilled: card('ANNA', { choice: 'smtp' }),
  microsoft: card('ANNA', { choice: 'microsoft365', ...anna }, { mailboxNames: [anna.username] }),
  revoked: card('ANNA', { choice: 'microsoft365', ...anna }),
  replyTo: card('ANNA', { choice: 'replyTo' }),
}

/**
 * What must hold, written by hand from the product's rules. relay: the platform's; base: all is JAN's; login: JAN's server, ANNA's login;
 * own: ANNA's. After the mark: why it waits, `base` meaning that JAN must act.
 */
const table = `
                             none            platform        smtp            noLogin         noPassword      noServer        microsoft       revoked         replyTo         inactive
everything platform          relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
everything server            own             own             own             own             own             own             own             own             own             own
everything serverNoPassword  own!password    own!password    own!password    own!password    own!password    own!password    own!password    own!password    own!password    own!password
everything serverNoLogin     own             own             own             own             own             own             own             own             own             own
everything login             own!incomplete  own!incomplete  login           login           login           login!base      own!incomplete  own!incomplete  own!incomplete  login!base
everything loginNoPassword   own!incomplete  own!incomplete  login!password  login!password  login!password  login!base      own!incomplete  own!incomplete  own!incomplete  login!base
everything nothingFilled     own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete
everything microsoft         own             own             own             own             own             own             own             own             own             own
everything revoked           own!connect     own!connect     own!connect     own!connect     own!connect     own!connect     own!connect     own!connect     own!connect     own!connect
everything replyTo           own             own             own             own             own             own             own             own             own             own
login      platform          relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
login      server            relay           base!base       login!password  login!password  login!password  login!base      base            base!base       base            login!base
login      serverNoPassword  relay           base!base       login!password  login!password  login!password  login!base      base            base!base       base            login!base
login      serverNoLogin     relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
login      login             own!incomplete  own!incomplete  login           login           login           login!base      own!incomplete  own!incomplete  own!incomplete  login!base
login      loginNoPassword   own!incomplete  own!incomplete  login!password  login!password  login!password  login!base      own!incomplete  own!incomplete  own!incomplete  login!base
login      nothingFilled     own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete  own!incomplete
login      microsoft         relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
login      revoked           relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
login      replyTo           relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
nothing    platform          relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
nothing    server            relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
nothing    serverNoPassword  relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
nothing    serverNoLogin     relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
nothing    login             relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
nothing    loginNoPassword   relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
nothing    nothingFilled     relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
nothing    microsoft         relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
nothing    revoked           relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base
nothing    replyTo           relay           base!base       base            base            base!base       base!base       base            base!base       base            base!base`

const [heading = [], ...rows] = table
  .trim()
  .split('\n')
  .map(line => line.trim().split(/\s+/))
const cells = rows.flatMap(([policy = '', own = '', ...wanted]) =>
  wanted.map((cell, column) => ({ policy: policy as Policy, own, base: heading[column] ?? '', cell })),
)

const factsFor = ({ policy, own, base }: { policy: Policy; own: string; base: string }, change: Partial<CardFacts> = {}): RouteFacts => ({
  tenant: { id: 'acme', slug: 'acme', name: 'Acme Sp. z o.o.' },
  card: { ...(owns[own] ?? card('ANNA', {})), ...change },
  base: bases[base] ?? null,
  policy: { usersMaySet: policy, authorIsLogin: false },
  platform: { eventDomain, relay, microsoft365: microsoft, graph: { host: 'graph.microsoft.com', port: 443, tls: 'implicit' } },
})

const words = { passwordNeeded: 'password', incomplete: 'incomplete', notConnected: 'connect', baseUnusable: 'base' }

function inOneWord(route: Route): string {
  const isOwnLogin = route.server?.origin.source === 'base' && !route.followsBase
  const usesBase = isOwnLogin || (!route.followsBase && route.problem?.reason === 'baseUnusable')
  const isRelay = route.sender.value === 'platform' && !route.followsBase
  const who = route.followsBase ? 'base' : isRelay ? 'relay' : usesBase ? 'login' : 'own'
  return route.problem ? `${who}!${words[route.problem.reason as keyof typeof words]}` : who
}

describe('every combination of policy, own choice and base user', () => {
  test('is in the table', () => {
    expect(cells).toHaveLength(3 * Object.keys(owns).length * Object.keys(bases).length)
  })

  test.each(cells)('users may set $policy, own $own, base user $base: $cell', ({ cell, ...combination }) => {
    const route = resolveRoute(factsFor(combination))
    const isOwnIncomplete = cell === 'own!incomplete'
    expect(isOwnIncomplete ? `own!${words[route.problem?.reason as keyof typeof words]}` : inOneWord(route)).toBe(cell)
    if (cell.endsWith('!base')) expect(route.problem?.code, 'the base user is named').toBe('JAN')
    else if (route.problem) expect(route.problem.code).toBe('ANNA')
  })
})

const changes: [string, Partial<CardFacts>][] = [
  ['as it is', {}],
  ['without an e-mail', { email: null, isEmailConfirmed: false }],
  ['with an unconfirmed e-mail', { isEmailConfirmed: false }],
  ['not active', { isActive: false }],
]
const usernames = ['anna@mailbox.test', 'anna', `acme@${eventDomain}`]
const everything = cells.flatMap(({ policy, own, base }) =>
  changes.flatMap(([what, change]) =>
    usernames.flatMap(username =>
      [true, false].map(authorIsLogin => {
        const facts = factsFor({ policy, own, base }, change)
        const { sender, binding } = facts.card
        const renamed = { ...facts.card, sender: { ...sender, username: sender.username && username }, binding: binding && { ...binding, username } }
        return {
          title: [policy, own, base, what, username, authorIsLogin].join(' '),
          facts: { ...facts, card: renamed, policy: { ...facts.policy, authorIsLogin } },
        }
      }),
    ),
  ),
)

describe('what holds in each of them', () => {
  const routes = everything.map(({ title, facts }) => ({ title, facts, route: resolveRoute(facts) }))

  test('a password goes to no server but the one it was typed for, under no name but its own', () => {
    for (const { title, facts, route } of routes) {
      const login = route.login?.value
      if (!login) continue
      const owner = [facts.card, facts.base].find(candidate => candidate?.cardId === login.credentialCardId)
      expect(owner?.sender.username, title).toBe(login.username)
      if (login.passwordSavedAt) expect({ ...route.server?.value, username: login.username, savedAt }, title).toEqual(owner?.binding)
      if (owner?.code === 'JAN') expect([route.followsBase, route.server?.origin.source === 'card'], title).toEqual(['JAN', false])
    }
  })

  test('a route without a problem is complete', () => {
    for (const { title, route } of routes.filter(({ route: { problem } }) => problem === null)) {
      expect([route.server, route.from, route.envelopeSender].every(Boolean), title).toBe(true)
      if (route.login && route.sender.value === 'smtp') expect(route.login.value.passwordSavedAt, title).not.toBeNull()
    }
  })

  test('the event domain is used through the relay only, and a card sends as nobody else', () => {
    for (const { title, facts, route } of routes) {
      const isEvent = (address = '') => address.endsWith(`@${eventDomain}`)
      const isReplyTo = route.sender.value === 'replyTo' && facts.card.email !== null
      expect([isEvent(route.envelopeSender?.value), isEvent(route.from?.value.address)], title).toEqual([isReplyTo, isReplyTo])
      const mayBe = [undefined, facts.card.email, route.login?.value.username, `acme@${eventDomain}`]
      expect(mayBe, title).toContain(route.from?.value.address)
      if (route.replyTo) expect(route.replyTo.value, title).toBe(facts.card.email)
      if (route.sender.value === 'platform') expect(route.envelopeSender?.value, title).toBe(facts.card.email ?? undefined)
    }
  })

  test('a card without an e-mail, or not active, cannot send', () => {
    for (const { title, facts, route } of routes) {
      if (!facts.card.isActive) expect(route.problem, title).toEqual({ reason: 'inactive', code: 'ANNA' })
      else if (facts.card.email === null) expect(route.problem, title).toEqual({ reason: 'noEmail', code: 'ANNA' })
    }
  })

  test('routes that share an account share server, user name and password', () => {
    const accounts = new Map<string, object>()
    for (const { title, route } of routes) {
      const account = accountIdentityOf(route)
      expect(accounts.get(account.identity) ?? account, title).toEqual(account)
      accounts.set(account.identity, account)
    }
  })
})

describe('the sentences of the rules', () => {
  const route = (
    own: string,
    base: string,
    { policy = 'everything', change = {}, authorIsLogin = false }: { policy?: Policy; change?: Partial<CardFacts>; authorIsLogin?: boolean } = {},
  ) => {
    const facts = factsFor({ policy, own, base }, change)
    return resolveRoute({ ...facts, policy: { ...facts.policy, authorIsLogin } })
  }

  test('through the platform: From and envelope sender are the card’s e-mail', () => {
    expect(route('platform', 'none')).toMatchObject({
      server: { value: relay, origin: { source: 'platform', code: null } },
      login: null,
      envelopeSender: { value: 'anna@acme.test', origin: { source: 'card', code: 'ANNA' } },
      from: { value: { name: 'ANNA', address: 'anna@acme.test' } },
      replyTo: null,
      setAside: [],
    })
  })

  test('through the platform only with a confirmed e-mail', () => {
    expect(route('platform', 'none', { change: { isEmailConfirmed: false } }).problem).toEqual({ reason: 'emailNotConfirmed', code: 'ANNA' })
    expect(route('server', 'none', { change: { isEmailConfirmed: false } }).problem, 'an own server judges for itself').toBeNull()
  })

  test('Reply-to writes the company’s event address, with both names, and answers go to the card', () => {
    expect(route('replyTo', 'none')).toMatchObject({
      server: { value: relay },
      envelopeSender: { value: `acme@${eventDomain}` },
      from: { value: { name: 'ANNA, Acme Sp. z o.o.', address: `acme@${eventDomain}` }, origin: { source: 'company', code: null } },
      replyTo: { value: 'anna@acme.test' },
    })
  })

  test('who follows a base user on Reply-to still gets the answers', () => {
    expect(route('platform', 'replyTo')).toMatchObject({
      followsBase: 'JAN',
      from: { value: { name: 'ANNA, Acme Sp. z o.o.' } },
      replyTo: { value: 'anna@acme.test' },
    })
  })

  test('who follows a base user uses its server and credentials, under the own From', () => {
    expect(route('platform', 'smtp')).toMatchObject({
      sender: { value: 'smtp', origin: { source: 'base', code: 'JAN' } },
      followsBase: 'JAN',
      server: { value: baseServer, origin: { source: 'base', code: 'JAN' } },
      login: { value: { username: 'jan@mailbox.test', credentialCardId: 'card-JAN', passwordSavedAt: savedAt }, origin: { source: 'base', code: 'JAN' } },
      envelopeSender: { value: 'jan@mailbox.test', origin: { source: 'username', code: 'JAN' } },
      from: { value: { name: 'ANNA', address: 'anna@acme.test' } },
    })
  })

  test('an own login under the base user’s server', () => {
    expect(route('login', 'smtp')).toMatchObject({
      sender: { value: 'smtp', origin: { source: 'card', code: 'ANNA' } },
      followsBase: null,
      server: { value: baseServer, origin: { source: 'base', code: 'JAN' } },
      login: { value: { username: 'anna@mailbox.test', credentialCardId: 'card-ANNA' }, origin: { source: 'card', code: 'ANNA' } },
      envelopeSender: { value: 'anna@mailbox.test', origin: { source: 'username', code: 'ANNA' } },
    })
  })

  test('the base user uses its own sender, whatever the policy', () => {
    const base = bases.smtp ?? card('JAN', {})
    for (const usersMaySet of ['everything', 'login', 'nothing'] as const) {
      const facts = { ...factsFor({ policy: usersMaySet, own: 'platform', base: 'smtp' }), card: base, base }
      expect(resolveRoute(facts)).toMatchObject({
        followsBase: null,
        setAside: [],
        server: { value: baseServer, origin: { source: 'card', code: 'JAN' } },
        problem: null,
      })
    }
  })

  test('a base user whose server changed makes own logins wait, and followers go on', () => {
    const moved = { ...baseServer, host: 'new.jan.test' }
    const base = card('JAN', { choice: 'smtp', ...moved, ...jan }, bound(moved, jan.username))
    expect(resolveRoute({ ...factsFor({ policy: 'everything', own: 'login', base: 'smtp' }), base }).problem).toEqual({
      reason: 'passwordNeeded',
      code: 'ANNA',
    })
    expect(resolveRoute({ ...factsFor({ policy: 'everything', own: 'platform', base: 'smtp' }), base }).problem).toBeNull()
  })

  test.each(['host', 'port', 'tls', 'username'] as const)('a password for another %s is needed again', field => {
    const other = { host: 'other.test', port: 25, tls: 'none', username: 'other' } as const
    const binding = { ...ownServer, username: 'anna@mailbox.test', savedAt, [field]: other[field] }
    expect(route('server', 'none', { change: { binding } })).toMatchObject({
      problem: { reason: 'passwordNeeded', code: 'ANNA' },
      login: { value: { passwordSavedAt: null } },
    })
  })

  test.each([
    ['nothing', 'server', ['sender', 'server', 'login']],
    ['nothing', 'login', ['sender', 'login']],
    ['nothing', 'replyTo', ['sender']],
    ['login', 'server', ['server']],
    ['login', 'login', []],
    ['login', 'serverNoLogin', ['sender', 'server']],
    ['login', 'microsoft', ['sender', 'login']],
    ['everything', 'server', []],
  ] as const)('users may set %s: of %s is set aside %j', (policy, own, setAside) => {
    expect(route(own, 'smtp', { policy }).setAside).toEqual(setAside)
  })

  test('a policy holds without a base user too, and says that it is the company’s', () => {
    expect(route('server', 'none', { policy: 'nothing' })).toMatchObject({
      sender: { value: 'platform', origin: { source: 'company', code: null } },
      setAside: ['sender', 'server', 'login'],
    })
  })

  test.each([
    ['anna@mailbox.test', 'anna@mailbox.test', 'username', 'the user name that signs in, when it is an address'],
    ['anna', 'anna@acme.test', 'card', 'else the card’s e-mail'],
    [`acme@${eventDomain}`, 'anna@acme.test', 'card', 'never the event domain, whose SPF does not admit that server'],
  ])('signing in as %s the envelope sender is %s', (username, envelopeSender, source, why) => {
    const change = { sender: { ...nothingChosen, choice: 'smtp' as const, ...ownServer, username }, ...bound(ownServer, username) }
    expect(route('server', 'none', { change }).envelopeSender, why).toEqual({ value: envelopeSender, origin: { source, code: 'ANNA' } })
  })

  test('a server without login: the card’s e-mail', () => {
    expect(route('serverNoLogin', 'none')).toMatchObject({ login: null, envelopeSender: { value: 'anna@acme.test' } })
  })

  test('From may be the mailbox that signs in, by the company’s word or the card’s', () => {
    const wanted = {
      from: { value: { name: 'ANNA', address: 'anna@mailbox.test' }, origin: { source: 'username', code: 'ANNA' } },
      replyTo: { value: 'anna@acme.test' },
    }
    expect(route('server', 'none', { authorIsLogin: true })).toMatchObject(wanted)
    const { sender } = owns.server ?? card('ANNA', {})
    expect(route('server', 'none', { change: { sender: { ...sender, authorIsLogin: true } } })).toMatchObject(wanted)
    expect(route('platform', 'smtp', { authorIsLogin: true })).toMatchObject({
      from: { value: { name: 'ANNA', address: 'jan@mailbox.test' }, origin: { source: 'username', code: 'JAN' } },
    })
    expect(route('platform', 'none', { authorIsLogin: true }), 'through the relay nobody signs in').toMatchObject({
      from: { value: { address: 'anna@acme.test' } },
      replyTo: null,
    })
    expect(route('server', 'none', { authorIsLogin: true, change: { email: 'anna@mailbox.test' } }).replyTo, 'the same mailbox').toBeNull()
  })
})
