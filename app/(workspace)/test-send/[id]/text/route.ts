import { notFound } from 'next/navigation'
import { getTranslations } from 'next-intl/server'
import { requireActor } from '@/app/_auth/require-actor'
import { getDb } from '@/db/client'
import { Refusal } from '@/lib/errors'
import { testSendAsText } from '@/lib/test-send/test-send'

type TextContext = { params: Promise<{ id: string }> }

/** A conversation as plain text, to keep or to send to whoever runs the server. */
export async function GET(_request: Request, { params }: TextContext): Promise<Response> {
  const actor = await requireActor()
  const { id } = await params
  const t = await getTranslations('conversation')
  const words = {
    title: ({ route, createdAt }: { route: { code: string }; createdAt: Date }) => `${t('title')} · ${route.code} · ${createdAt.toISOString()}`,
    step: ({ phase, state }: { phase: Parameters<typeof phaseKey>[0]; state: 'running' | 'done' | 'failed' }) => `${t(phaseKey(phase))}: ${t(`state.${state}`)}`,
    who: { client: t('who.client'), server: t('who.server'), note: t('who.note') },
    secret: `[${t('hidden')}]`,
  }
  try {
    const text = await testSendAsText(getDb(), actor, { id }, words)
    return new Response(text, {
      headers: { 'content-type': 'text/plain; charset=utf-8', 'content-disposition': `attachment; filename="posthorn-test-${id}.txt"`, 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' },
    })
  } catch (error) {
    if (error instanceof Refusal) notFound()
    throw error
  }
}

const phaseKey = (phase: 'dns' | 'connect' | 'tls' | 'ehlo' | 'auth' | 'mail' | 'rcpt' | 'data' | 'reply') => `step.${phase}` as const
