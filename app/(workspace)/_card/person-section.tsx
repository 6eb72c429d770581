'use client'

import { useTranslations } from 'next-intl'
import { Checkbox, Field, Input, Select, Textarea } from '@/app/_ui/field'
import { Section } from '@/app/_ui/sheet'
import type { CardPageView } from './card-view'

type PersonSectionProps = { view: CardPageView; typed: Record<string, string>; errors: Record<string, string> }

/** Name, blind copy and signature; to an admin also e-mail, role and whether the card is in use. */
export function PersonSection({ view: { card, byAdmin }, typed, errors }: PersonSectionProps) {
  const t = useTranslations('card.person')
  return (
    <Section title={t('title')}>
      <div className="fields" key={card.version}>
        <Field width="half" label={t('name')} error={errors.name} hint={t('nameHint')}>
          <Input name="name" defaultValue={typed.name ?? card.name} autoComplete="off" />
        </Field>
        {byAdmin ? (
          <AdminFields card={card} typed={typed} errors={errors} />
        ) : (
          <Field width="half" label={t('email')} hint={card.email && !card.isEmailConfirmed ? t('emailUnconfirmed') : t('emailHint')}>
            <Input value={card.email ?? t('emailNone')} disabled readOnly />
          </Field>
        )}
        <Field label={t('bcc')} error={errors.bcc} hint={t('bccHint')}>
          <Input name="bcc" defaultValue={typed.bcc ?? card.bcc ?? ''} inputMode="email" autoComplete="off" autoCapitalize="none" spellCheck={false} />
        </Field>
        <Field label={t('signature')} error={errors.signature} hint={t('signatureHint')}>
          <Textarea name="signature" rows={4} defaultValue={typed.signature ?? card.signature} />
        </Field>
      </div>
    </Section>
  )
}

function AdminFields({ card, typed, errors }: { card: CardPageView['card']; typed: Record<string, string>; errors: Record<string, string> }) {
  const t = useTranslations('card.admin')
  const tPerson = useTranslations('card.person')
  const wasSent = typed.code !== undefined
  return (
    <>
      <Field width="half" label={t('email')} error={errors.email} hint={card.email && !card.isEmailConfirmed ? tPerson('emailUnconfirmed') : t('emailHint')}>
        <Input name="email" defaultValue={typed.email ?? card.email ?? ''} inputMode="email" autoComplete="off" autoCapitalize="none" spellCheck={false} />
      </Field>
      <Field width="half" label={t('role')} error={errors.role}>
        <Select name="role" defaultValue={typed.role ?? card.role}>
          <option value="user">{t('roleUser')}</option>
          <option value="admin">{t('roleAdmin')}</option>
        </Select>
      </Field>
      <div className="field half self-end">
        <Checkbox name="isActive" defaultChecked={wasSent ? typed.isActive === 'on' : card.isActive} hint={t('activeHint')}>
          {t('active')}
        </Checkbox>
      </div>
    </>
  )
}
