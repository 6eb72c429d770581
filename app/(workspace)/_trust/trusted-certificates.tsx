'use client'

import { useFormatter, useTranslations } from 'next-intl'
import { useFormAction } from '@/app/_forms/use-form-action'
import { SubmitButton } from '@/app/_ui/button'
import { FormOutcome } from '@/app/_ui/form-outcome'
import { RelativeTime } from '@/app/_ui/relative-time'
import { Section, Sheet } from '@/app/_ui/sheet'
import type { TrustView } from '@/lib/account/trusted-certificate'
import { formatServer } from '@/lib/sender/server-field'
import { distrust } from '../_explanation/actions'

/** The certificates that an admin trusts although nobody vouches for them, each with the button that takes the trust back. */
export function TrustedCertificates({ trusts }: { trusts: TrustView[] }) {
  const t = useTranslations('mend.trusts')
  const [outcome, act] = useFormAction(distrust)
  if (trusts.length === 0 && outcome.status === 'idle') return null
  return (
    <Sheet aria-labelledby="trusts-title">
      <Section title={t('title')} titleId="trusts-title">
        <p className="soft max-w-[68ch]">{t('lead')}</p>
        {outcome.status === 'idle' ? null : (
          <div className="mt-4">
            <FormOutcome state={outcome} />
          </div>
        )}
      </Section>
      {trusts.map(trust => (
        <Trusted key={trust.id} trust={trust} act={act} />
      ))}
    </Sheet>
  )
}

function Trusted({ trust, act }: { trust: TrustView; act: (form: FormData) => void }) {
  const t = useTranslations('mend')
  const format = useFormatter()
  const { id, fingerprint256, subject, issuer, trustedAt, expiresAt, trustedBy, username } = trust
  const server = formatServer(trust)
  return (
    <form action={act} className="section">
      <input type="hidden" name="id" value={id} />
      <h3>
        <span className="mono">{server}</span>
        {username ? <span className="then">, {username}</span> : null}
      </h3>
      <dl className="pairs mt-2">
        <dt>{t('certificate.subject')}</dt>
        <dd>{subject}</dd>
        <dt>{t('certificate.issuer')}</dt>
        <dd>{issuer}</dd>
        <dt>{t('certificate.fingerprint')}</dt>
        <dd className="mono [overflow-wrap:anywhere]">{fingerprint256}</dd>
        <dt>{t('trusts.since')}</dt>
        <dd>{t.rich(trustedBy ? 'trusts.by' : 'trusts.byNobody', { when: () => <RelativeTime at={trustedAt} />, code: trustedBy ?? '' })}</dd>
        <dt>{t('trusts.until')}</dt>
        <dd>{format.dateTime(expiresAt, 'dayOfYear')}</dd>
      </dl>
      <p className="actions mt-4">
        <SubmitButton look="danger" aria-label={t('trusts.distrustOf', { server })}>
          {t('trusts.distrust')}
        </SubmitButton>
      </p>
    </form>
  )
}
