import { useFormatter, useTranslations } from 'next-intl'
import type { StepFacts } from '@/lib/transport/conversation'

/** What is known of a step beyond its line: certificate, cipher, features, the way of signing in. */
export function StepFactList({ facts }: { facts: StepFacts }) {
  const t = useTranslations('conversation.fact')
  const format = useFormatter()
  const { certificate, features } = facts
  const known: [Parameters<typeof t>[0], string | undefined][] = [
    ['addresses', facts.addresses && facts.addresses.length > 1 ? facts.addresses.join(', ') : undefined],
    ['family', facts.family ? `IPv${facts.family}` : undefined],
    ['protocol', facts.protocol],
    ['cipher', facts.cipher],
    ['subject', certificate?.subject],
    ['issuer', certificate?.issuer],
    ['validTo', certificate && format.dateTime(new Date(certificate.validTo), 'moment')],
    ['features', features && features.length > 0 ? features.join(' · ') : undefined],
    ['mechanism', facts.mechanism],
    ['queueId', facts.queueId],
  ]
  const shown = known.filter(([, value]) => value)
  if (shown.length === 0) return null
  return (
    <dl className="pairs mt-0 mb-4">
      {shown.map(([name, value]) => (
        <div key={name} className="contents">
          <dt>{t(name)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
