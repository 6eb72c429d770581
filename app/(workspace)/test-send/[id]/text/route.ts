import { notFound } from 'next/navigation'
import { getFormatter, getTranslations } from 'next-intl/server'
import { requireActor } from '@/app/_auth/require-actor'
import { stepWords } from '@/app/(workspace)/_conversation/step-words'
import { getDb } from '@/db/client'
import { Refusal } from '@/lib/errors'
import { testSendAsText } from '@/lib/test-send/test-send'
import type { ConversationStep } from '@/lib/transport/conversation'

type TextContext = { params: Promise<{ id: string }> }

/** A conversation as plain text, to keep or to send to whoever runs the server. */
export async function GET(_request: Request, { params }: TextContext): Promise<Response> {
  const actor = await requireActor()
  const { id } = await params
  const [t, format] = await Promise.all([getTranslations('conversation'), getFormatter()])
  const line = stepWords({ t, format })
  const words = {
    title: ({ route, createdAt }: { route: { code: string }; createdAt: Date }) => `${t('title')} · ${route.code} · ${createdAt.toISOString()}`,
    step: (step: ConversationStep) => `${t(`step.${step.phase}`)}: ${line(step)}`,
    who: { client: t('who.client'), server: t('who.server'), note: t('who.note') },
    secret: `[${t('hidden')}]`,
  }
  try {
    const text = await testSendAsText(getDb(), actor, { id }, words)
    return new Response(text, {
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': `attachment; filename="posthorn-test-${id}.txt"`,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
    })
  } catch (error) {
    if (error instanceof Refusal) notFound()
    throw error
  }
}
