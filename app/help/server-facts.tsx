import { getTranslations } from 'next-intl/server'
import { CopyButton } from '@/app/_ui/copy-button'

/** What stands on a card that sends through this server. */
export async function ServerFacts({ server, tls, username, password }: { server: string; tls: string; username: string; password: string }) {
  const field = await getTranslations('help.fields')
  const [host, port] = server.split(/(?=:\d+$)/)
  return (
    <dl className="facts">
      <div>
        <dt>{field('server')}</dt>
        <dd className="mono">
          {host}
          <wbr />
          {port}
        </dd>
        <dd>
          <CopyButton text={server} of={field('server')} />
        </dd>
      </div>
      <div>
        <dt>{field('tls')}</dt>
        <dd>{tls}</dd>
      </div>
      <div>
        <dt>{field('username')}</dt>
        <dd>{username}</dd>
      </div>
      <div>
        <dt>{field('password')}</dt>
        <dd>{password}</dd>
      </div>
    </dl>
  )
}
