import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '@/lib/testing/free-port'
import { untilListening } from './child'

const daemons = ['/usr/lib/postfix/sbin', '/usr/libexec/postfix'].find(folder => existsSync(folder))

export type Postfix = { acceptPort: number; throughPort: number; masterPid: number; empty(): void; release(): void }

/** Why there is no Postfix to measure against, or null when there can be one. */
export function whyNoPostfix(): string | null {
  if (!daemons || !existsSync('/usr/sbin/postfix')) return 'Postfix is not installed. On Debian: DEBIAN_FRONTEND=noninteractive apt-get install -y postfix'
  if (process.getuid?.() !== 0) return 'Postfix starts as root only; run the bench as root, or in a container, to have its figures'
  return null
}

/**
 * A Postfix of our own: its configuration, queue and ports in a temporary folder, loopback only, passing everything on to the sink.
 * Two ways in: `accept` puts what comes on hold, written through to the disk and left there; `through` passes it on at once.
 * It goes on by itself when this process ends: `atEnd` takes what stops it.
 */
export async function startPostfix(sinkPort: number, atEnd: (stop: () => void) => void): Promise<Postfix> {
  const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-bench-postfix-'))
  chmodSync(folder, 0o755)
  const [acceptPort, throughPort] = [await freePort(), await freePort()]
  const [etc, queue, state] = ['etc', 'queue', 'state'].map(name => path.join(folder, name)) as [string, string, string]
  for (const name of [etc, queue, state]) mkdirSync(name)
  const [uid, gid] = ['-u', '-g'].map(flag => Number(execFileSync('id', [flag, 'postfix'], { encoding: 'utf8' }))) as [number, number]
  chownSync(state, uid, gid)
  writeFileSync(path.join(etc, 'main.cf'), mainCf({ queue, state, sinkPort, log: path.join(folder, 'log') }))
  writeFileSync(path.join(etc, 'master.cf'), masterCf(acceptPort, throughPort))
  const run = (program: string, ...args: string[]) => {
    const { status, stderr, stdout } = spawnSync(program, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}${stdout}`)
  }
  const stop = () => {
    if (existsSync(path.join(queue, 'pid/master.pid'))) run('/usr/sbin/postfix', '-c', etc, 'stop')
    rmSync(folder, { recursive: true, force: true })
  }
  atEnd(stop) // before it runs: a bench that is told to stop meanwhile must not leave it behind
  run('/usr/sbin/postfix', '-c', etc, 'start')
  if (!(await untilListening(acceptPort)) || !(await untilListening(throughPort))) throw new Error('Postfix did not open its ports')
  return {
    acceptPort,
    throughPort,
    masterPid: Number(readFileSync(path.join(queue, 'pid/master.pid'), 'utf8')),
    empty: () => run('/usr/sbin/postsuper', '-c', etc, '-d', 'ALL'),
    release: () => {
      run('/usr/sbin/postsuper', '-c', etc, '-H', 'ALL')
      run('/usr/sbin/postqueue', '-c', etc, '-f')
    },
  }
}

const mainCf = ({ queue, state, sinkPort, log }: { queue: string; state: string; sinkPort: number; log: string }) => `
compatibility_level = 3.6
queue_directory = ${queue}
data_directory = ${state}
daemon_directory = ${daemons}
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = /tmp, /var
maillog_file = ${log}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = bench.localdomain
mydestination =
local_transport = error:no local mail
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [127.0.0.1]:${sinkPort}
smtp_tls_security_level = none
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_tls_security_level = none
authorized_flush_users = static:anyone
`

const masterCf = (acceptPort: number, throughPort: number) => `
127.0.0.1:${acceptPort} inet n - n - - smtpd -o smtpd_client_restrictions=static:hold
127.0.0.1:${throughPort} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
