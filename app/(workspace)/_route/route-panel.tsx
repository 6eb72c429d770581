import Link from 'next/link'
import { useFormatter, useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import { Icon } from '@/app/_ui/icon'
import { Panel } from '@/app/_ui/sheet'
import { Notice } from '@/app/_ui/state'
import { domainOf } from '@/lib/sender/address'
import { AddressText } from './address-text'
import type { Origin, RouteView } from './route-view'
import { useSenderName } from './use-sender-name'

type RoutePanelProps = { route: RouteView; ownCode: string; title?: string; baseCode?: string | null; isAdmin?: boolean; isStale?: boolean }

/** Where this comes from: the effective route, value by value with its origin. `ownCode` is the reader's card; `isStale`: it does not follow what is on screen. */
export function RoutePanel({ route, title, isStale = false, ...rest }: RoutePanelProps) {
  const t = useTranslations('route')
  return (
    <Panel title={title ?? t('routeTitle')}>
      {isStale ? <p className="hint px-4 py-2">{t('stale')}</p> : null}
      <RouteList route={route} {...rest} />
    </Panel>
  )
}

/** The same without its sheet, for a page that has one already. */
export function RouteList({ route, ownCode, baseCode = null, isAdmin = false }: Omit<RoutePanelProps, 'title' | 'isStale'>) {
  const t = useTranslations('route')
  const password = usePasswordWords(route)
  const senderName = useSenderName(route.platform)
  const { server, login, from, replyTo, envelopeSender, admission, problem } = route
  const origin = (of: Origin) => <OriginCell origin={of} ownCode={ownCode} platform={route.platform} />
  const inherited = route.followsBase ? { source: 'base' as const, code: route.followsBase } : route.sender.origin
  return (
    <>
      {problem ? (
        <div className="p-4 pb-2">
          <Notice tone="attention">
            <p>{t(`problem.${problem.reason}`, { code: problem.code, name: route.platform })}</p>
          </Notice>
        </div>
      ) : null}
      <dl className="route">
        <Row label={t('row.sender')} origin={origin(inherited)}>
          {senderName(route.sender.value)}
        </Row>
        <Row label={t('row.server')} origin={server ? origin(server.origin) : null}>
          {server
            ? route.isRelay
              ? t('value.platformServer', { name: route.platform })
              : route.isOverGraph
                ? t('value.graph', { host: server.value.host })
                : `${server.value.host}:${server.value.port}, ${route.sender.value === 'microsoft365' ? 'StartTLS' : t(`tls.${server.value.tls}`)}`
            : t('value.incomplete')}
        </Row>
        {route.isRelay ? null : (
          <Row label={t('row.username')} origin={login ? origin(login.origin) : null}>
            {login?.value.username ?? t(route.sender.value === 'smtp' ? 'value.noLogin' : 'value.incomplete')}
          </Row>
        )}
        {login && route.sender.value === 'smtp' ? (
          <Row label={t('row.password')} origin={origin(login.origin)}>
            {password}
          </Row>
        ) : null}
        {from ? (
          <Row label={t('row.from')} origin={origin(from.origin)}>
            {from.value.name}
            <br />
            <AddressText address={from.value.address} />
          </Row>
        ) : null}
        {replyTo ? (
          <Row label={t('row.replyTo')} origin={origin(replyTo.origin)}>
            <AddressText address={replyTo.value} />
          </Row>
        ) : null}
        {envelopeSender ? (
          <Row label={t('row.envelopeSender')} origin={origin(envelopeSender.origin)}>
            <AddressText address={envelopeSender.value} />
          </Row>
        ) : null}
      </dl>
      {admission && from ? <p className="foot hint">{t(`admission.${admission}`, { domain: domainOf(from.value.address), name: route.platform })}</p> : null}
      {route.setAside.length > 0 ? (
        <div className="foot hint">
          <b>{t('setAside.title')}</b>
          {route.setAside.map(kept => (
            <p key={kept}>{t(`setAside.${kept}`)}</p>
          ))}
        </div>
      ) : null}
      {baseCode ? (
        <p className="foot hint">
          {t.rich('baseNote', { code: baseCode, link: chunks => (isAdmin ? <Link href="/settings/company">{chunks}</Link> : chunks) })}
        </p>
      ) : null}
    </>
  )
}

function Row({ label, origin, children }: { label: string; origin: ReactNode; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
      {origin}
    </div>
  )
}

function OriginCell({ origin, ownCode, platform }: { origin: Origin; ownCode: string; platform: string }) {
  const t = useTranslations('route.origin')
  const isInherited = origin.source === 'base'
  const words =
    origin.source === 'card'
      ? origin.code === ownCode
        ? t('own')
        : t('card', { code: origin.code ?? '' })
      : t(origin.source, { code: origin.code ?? '', name: platform })
  return (
    <dd className={isInherited ? 'origin is-inherited' : 'origin'}>
      {isInherited ? <Icon name="inherited" /> : null} {words}
    </dd>
  )
}

function usePasswordWords({ login, isPasswordTyped }: RouteView): string {
  const t = useTranslations('route.value')
  const format = useFormatter()
  const savedAt = login?.value.passwordSavedAt
  if (isPasswordTyped && savedAt) return t('typed')
  return savedAt ? t('saved', { date: format.dateTime(new Date(savedAt), 'day') }) : t('missing')
}
