import Link from 'next/link'
import { getTranslations } from 'next-intl/server'
import type { ReactNode } from 'react'
import { signOut } from '@/app/_auth/actions'
import { getDb } from '@/db/client'
import { type Actor, isAdmin } from '@/lib/actor/actor'
import { getOwnCard } from '@/lib/card/card'
import { getMode } from '@/lib/installation/installation'
import { listCompanies } from '@/lib/login/login'
import { countWaiting } from '@/lib/message/message'
import { mostCounted } from '@/lib/message/message-state'
import { CompanySwitcher } from './company-switcher'
import { Icon } from './icon'
import { LanguageChoice } from './language-choice'
import { Mark } from './mark'
import { MenuLink, MenuWait } from './menu-link'

/** The workspace around a page: menu at the left, a sheet on narrow screens; company on top, person at the bottom. */
export async function Frame({ actor, children }: { actor: Actor; children: ReactNode }) {
  const db = getDb()
  const [t, card, companies, mode] = await Promise.all([getTranslations('frame'), getOwnCard(db, actor), listCompanies(db, actor), getMode(db)])
  const here = companies.find(company => company.tenantId === actor.tenantId)
  return (
    <div className="frame">
      <header className="topbar">
        <Mark />
        <b>{here?.name}</b>
        <button type="button" className="button plain" popoverTarget="menu">
          <Icon name="menu" /> {t('menu')}
        </button>
      </header>
      <nav className="menu" id="menu" popover="auto" aria-label={t('menu')}>
        <div className="menu-close">
          <button type="button" className="button plain" popoverTarget="menu" popoverTargetAction="hide">
            <Icon name="close" /> {t('menuClose')}
          </button>
        </div>
        <CompanySwitcher here={here} others={companies.filter(company => company !== here)} words={t('companySwitch')} />
        <MenuItems isAdmin={isAdmin(actor)} isSandbox={mode === 'sandbox'} waiting={await countWaiting(db, actor)} />
        <div className="menu-end">
          <Link className="person" href="/settings/user">
            <span className="initials" aria-hidden="true">
              {initials(card.name)}
            </span>
            <span>
              <b>{card.name}</b>
              <small>{t('card', { code: card.code })}</small>
            </span>
            <MenuWait />
          </Link>
          <form action={signOut} data-leaves>
            <button type="submit" className="menu-button">
              <Icon name="leave" /> {t('signOut')}
            </button>
          </form>
          <LanguageChoice />
        </div>
      </nav>
      <main className="page" id="page">
        {children}
      </main>
    </div>
  )
}

async function MenuItems({ isAdmin, isSandbox, waiting }: { isAdmin: boolean; isSandbox: boolean; waiting: number }) {
  const t = await getTranslations('frame')
  return (
    <>
      <ul>
        <li>
          <MenuLink href="/outbox">
            {t('outbox')}
            {waiting > 0 ? (
              <span className="count">
                {t('count', { count: Math.min(waiting, mostCounted) })}
                {waiting > mostCounted ? '+' : ''}
                <span className="unseen"> {t('waiting', { count: waiting })}</span>
              </span>
            ) : null}
          </MenuLink>
        </li>
        <li>
          <MenuLink href="/test-send">{t('testSend')}</MenuLink>
        </li>
        {isSandbox ? (
          <li>
            <MenuLink href="/sandbox">{t('sandbox')}</MenuLink>
          </li>
        ) : null}
      </ul>
      <h2>{t('settings')}</h2>
      <ul>
        <li>
          <span>{t('personalSettings')}</span>
          <ul>
            <li>
              <MenuLink href="/settings/user">{t('user')}</MenuLink>
            </li>
          </ul>
        </li>
        {isAdmin ? (
          <>
            <li>
              <MenuLink href="/settings/company">{t('systemSettings')}</MenuLink>
            </li>
            <li>
              <MenuLink href="/settings/users">{t('users')}</MenuLink>
            </li>
            <li>
              <MenuLink href="/settings/api-keys">{t('apiKeys')}</MenuLink>
            </li>
            <li>
              <MenuLink href="/settings/webhooks">{t('webhooks')}</MenuLink>
            </li>
          </>
        ) : null}
      </ul>
      <ul>
        <li>
          <MenuLink href="/help/ip-whitelist">{t('ipWhitelist')}</MenuLink>
        </li>
        <li>
          <MenuLink href="/help" except="/help/ip-whitelist">
            {t('help')}
          </MenuLink>
        </li>
      </ul>
    </>
  )
}

/** First letters of the first and the last name. */
function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean)
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map(word => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toUpperCase()
}
