import { useTranslations } from 'next-intl'
import { LetterPanel } from '../_route/letter-panel'
import { RoutePanel } from '../_route/route-panel'
import type { RouteView } from '../_route/route-view'

/** The route first: how the message will leave, before anything is sent. */
export function UsedRoute({ route, ownCode, intro }: { route: RouteView; ownCode: string; intro: string | null }) {
  const t = useTranslations('testSend')
  return (
    <section className="stack" aria-label={t('usedSettings')}>
      {intro ? <p className="soft">{intro}</p> : null}
      <div className="grid items-start gap-6 min-[841px]:grid-cols-2">
        <RoutePanel route={route} ownCode={ownCode} />
        <LetterPanel route={route} />
      </div>
    </section>
  )
}
