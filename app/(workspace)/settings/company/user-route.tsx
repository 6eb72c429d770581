'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { Field, Select } from '@/app/_ui/field'
import { LetterPanel } from '../../_route/letter-panel'
import { RouteList } from '../../_route/route-panel'
import type { RouteView } from '../../_route/route-view'

type UserRouteProps = { cards: { code: string; name: string }[]; code: string; route: RouteView; ownCode: string }

/** The effective route of any user, with what their recipients see. */
export function UserRoute({ cards, code, route, ownCode }: UserRouteProps) {
  const t = useTranslations('company.route')
  const tRoute = useTranslations('route')
  const router = useRouter()
  return (
    <div className="split min-[1121px]:gap-y-0" id="route">
      <section className="sheet">
        <div className="section">
          <h2>{t('title')}</h2>
          <p>{t('lead')}</p>
          <form action="/settings/company#route" className="mt-4 grid gap-3">
            <Field label={t('user')}>
              <Select
                key={code}
                name="user"
                defaultValue={code}
                onChange={event => router.push(`/settings/company?user=${encodeURIComponent(event.target.value)}`, { scroll: false })}
              >
                {cards.map(card => (
                  <option key={card.code} value={card.code}>
                    {card.code}, {card.name}
                  </option>
                ))}
              </Select>
            </Field>
            <noscript>
              <button type="submit" className="button">
                {t('show')}
              </button>
            </noscript>
          </form>
        </div>
        <div className="panel border-t border-line">
          <RouteList route={route} ownCode={ownCode} />
          <p className="foot hint">
            <Link href={`/settings/users/${encodeURIComponent(code)}`}>{t('open')}</Link>
          </p>
        </div>
      </section>
      <aside className="beside stack" aria-label={tRoute('letterTitle')}>
        <LetterPanel route={route} />
      </aside>
    </div>
  )
}
