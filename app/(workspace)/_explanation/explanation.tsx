'use client'

import Link from 'next/link'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import type { Explained } from '@/lib/diagnosis/explain-failure'
import type { MendContext } from '@/lib/diagnosis/mend-context'
import { cutAtWord } from '../_conversation/step-words'
import { MendButtons } from './mend-buttons'
import type { OnScreen } from './on-screen'

const googlePage = 'https://myaccount.google.com/apppasswords'
const steps = ['step1', 'step2', 'step3', 'step4'] as const

export type ExplanationProps = {
  explained: Explained
  said: string | null // the server's own words, in one line; null: there are none, or they stand beside it
  host: string
  username: string
  platform: string // its name
  mend: MendContext | null // null: this reader can change nothing here
  onScreen?: OnScreen | undefined // the fields of the card, when they are what failed
  level?: 3 | 4
}

/** Why something failed: title, meaning, numbered steps, and the buttons that mend it. The same everywhere. */
export function Explanation({ explained, said, host, username, platform, mend, onScreen, level = 3 }: ExplanationProps) {
  const t = useTranslations()
  const tMend = useTranslations('mend')
  const { namespace, explanation, isSure, asAddress } = explained
  const values = {
    host,
    username,
    mailbox: username || '…',
    hasAddress: asAddress ? 'yes' : 'no',
    asAddress: asAddress ?? '…',
    platform,
    redirectUri: 'APP_URL/oauth/microsoft/callback', // for the operator, who knows the rest
    authority: 'M365_AUTHORITY',
    google: (chunks: ReactNode) => (
      <a href={googlePage} target="_blank" rel="noreferrer">
        {chunks}
      </a>
    ),
    ip: (chunks: ReactNode) => <Link href="/help/ip-whitelist">{chunks}</Link>,
    b: (chunks: ReactNode) => <b>{chunks}</b>,
  }
  const key = (name: string) => `${namespace}.${explanation}.${name}` as 'explain.other.step1'
  const [Title, Todo] = level === 3 ? (['h3', 'h4'] as const) : (['h4', 'h5'] as const)
  return (
    <div className="explain">
      {isSure ? null : <p className="hint">{said ? tMend('mostOften', { said: cutAtWord(said, 200) }) : tMend('mostOftenThis')}</p>}
      <Title>{t.rich(key('title'), values)}</Title>
      <p>{t.rich(key('meaning'), values)}</p>
      <Todo>{tMend('whatToDo')}</Todo>
      <ol className="numbered">
        {steps
          .filter(name => t.has(key(name)))
          .map(name => (
            <li key={name}>
              <span>{t.rich(key(name), values)}</span>
            </li>
          ))}
      </ol>
      {mend ? <MendButtons explained={explained} context={mend} onScreen={onScreen} /> : null}
    </div>
  )
}
