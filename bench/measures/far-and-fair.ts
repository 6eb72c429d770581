import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '@/lib/testing/free-port'
import { arrived, type Bench, dialectName, load, type Measure, rateOf } from '../bench'
import { instant, percentile } from '../client/letter'
import { startChild, untilListening } from '../machine/child'
import { type Dialect, type Installation, startInstallation } from '../machine/installation'

type Postgres = { url: string; pid: number } | null
const to = 'customer@example.test'

/** A server 50 ms away, three connections: ours beside nodemailer's pool, through the same proxy. */
export function farAway(bench: Bench, dialects: Dialect[], postgres: Postgres): Measure[] {
  const count = bench.isQuick ? 150 : 300
  const viaProxy = async <T>(work: (port: number) => Promise<T>): Promise<T> => {
    const port = await freePort()
    const proxy = startChild(process.execPath, [
      '--import',
      'tsx',
      'bench/client/delay-proxy.ts',
      JSON.stringify({ port, target: bench.sink.port, roundTripMs: 50 }),
    ])
    if (!(await untilListening(port))) throw new Error(`the proxy did not start: ${proxy.output()}`)
    try {
      return await work(port)
    } finally {
      await proxy.stop()
    }
  }
  const pool: Measure = {
    name: 'nodemailer-far-3',
    about: "nodemailer's pool, 3 connections, to a server 50 ms away",
    once: true,
    run: () =>
      viaProxy(async port => {
        const { ms } = await load('nodemailer-load.ts', { port, count, connections: 3, bytes: 1024, raw: false })
        return { rate: rateOf(count, ms) }
      }),
  }
  const ours = (dialect: Dialect): Measure => ({
    name: `${dialect}-far-3`,
    about: `${dialectName[dialect]}: 3 connections, to a server 50 ms away`,
    once: true,
    run: () =>
      viaProxy(port =>
        withInstallation({ dialect, postgres, sinkPort: port }, async ({ flowing, apiPort, run }) => {
          await arrived(bench.sink, 1)
          await wait(500)
          const learned = dialect === 'sqlite' ? String(Date.now()) : 'now()'
          await run(`update account set learned_connections = 3, learned_at = ${learned} where id = '${flowing.accountId}'`)
          await wait(6000) // the turn that drained the first message is over
          bench.sink.restart()
          const { startedAt } = await load('http-load.ts', {
            port: apiPort,
            key: flowing.key,
            users: flowing.codes,
            to,
            count,
            connections: 20,
            batch: 1,
            bytes: 1024,
          })
          await arrived(bench.sink, count)
          return { rate: rateOf(count, bench.sink.lastAt() - startedAt) }
        }),
      ),
  })
  return [pool, ...dialects.map(ours)]
}

/** One company's letters run; another's single invoices, one every 250 ms: from its request to its server. */
export function fairness(bench: Bench, dialect: Dialect, postgres: Postgres): Measure {
  return {
    name: `${dialect}-fair`,
    about: `${dialectName[dialect]}: a single invoice while another company's letters run, p99 from request to server`,
    once: true,
    async run() {
      const sink = await timingSink()
      const letters = bench.isQuick ? 8000 : 50_000
      try {
        return await withInstallation({ dialect, postgres, sinkPort: sink.port }, async ({ flowing, held, apiPort, run }) => {
          await run(`update account set state = 'active', pause_reason = null where tenant_id = '${held.tenantId}'`)
          await load('http-load.ts', {
            port: apiPort,
            key: flowing.key,
            users: flowing.codes,
            to,
            count: letters,
            connections: 4,
            batch: 100,
            bytes: 1024,
            kind: 'letter',
          })
          const took: number[] = []
          for (let number = 0; number < 60; number++) {
            const [subject, startedAt] = [`Single ${number}.`, instant()]
            await post(apiPort, held.key, { from_user: held.codes[0], to: [to], subject, text: 'Thank you.', kind: 'document' })
            took.push((await sink.arrival(subject)) - startedAt)
            await wait(250)
          }
          const running = letters - sink.count()
          const sorted = took.toSorted((a, b) => a - b)
          return {
            value: percentile(sorted, 0.99),
            unit: 'ms',
            note: `median ${Math.round(percentile(sorted, 0.5))} ms; ${Math.max(0, running)} of ${letters} letters still waited at the end`,
          }
        })
      } finally {
        sink.close()
      }
    },
  }
}

async function withInstallation<T>(wanted: Parameters<typeof startInstallation>[0], work: (installation: Installation) => Promise<T>): Promise<T> {
  const installation = await startInstallation(wanted)
  try {
    return await work(installation)
  } finally {
    await installation.stop()
  }
}

async function post(port: number, key: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/messages`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (response.status !== 202) throw new Error(`HTTP ${response.status}: ${await response.text()}`)
}

/** A sink that notes when the message of a subject came. */
async function timingSink() {
  const arrivals = new Map<string, number>()
  let count = 0
  const server = createServer(socket => {
    let [heard, isData] = ['', false]
    socket.on('error', () => undefined)
    socket.setNoDelay(true)
    socket.write('220 sink ESMTP\r\n')
    socket.on('data', chunk => {
      heard += chunk.toString('latin1')
      for (;;) {
        const end = heard.indexOf(isData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const line = heard.slice(0, end)
        heard = heard.slice(end + (isData ? 5 : 2))
        if (isData) {
          isData = false
          const subject = /^Subject: (Single .*)$/m.exec(line)?.[1]
          if (subject) arrivals.set(subject.trim(), instant())
          else count++
          socket.write('250 2.0.0 Ok\r\n')
        } else if (/^DATA/i.test(line)) {
          isData = true
          socket.write('354 go on\r\n')
        } else if (/^EHLO/i.test(line)) socket.write('250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n')
        else if (/^QUIT/i.test(line)) socket.end('221 2.0.0 bye\r\n')
        else socket.write('250 2.1.0 Ok\r\n')
      }
    })
  })
  const port = await new Promise<number>(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
  return {
    port,
    count: () => count,
    async arrival(subject: string): Promise<number> {
      const end = Date.now() + 60_000
      while (Date.now() < end) {
        const found = arrivals.get(subject)
        if (found) return found
        await wait(3)
      }
      throw new Error(`${subject} did not arrive within a minute`)
    },
    close: () => server.close(),
  }
}
