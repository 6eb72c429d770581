import { NextIntlClientProvider } from 'next-intl'
import { getMessages } from 'next-intl/server'
import type { ReactNode } from 'react'
import { requireActor } from '@/app/_auth/require-actor'
import { AskBeforeLeaving } from '@/app/_forms/ask-before-leaving'
import { workspaceMessages } from '@/app/_i18n/client-messages'
import { Frame } from '@/app/_ui/frame'

export default async function WorkspaceLayout({ children }: { children: ReactNode }) {
  const actor = await requireActor()
  return (
    <NextIntlClientProvider messages={workspaceMessages(await getMessages())}>
      <Frame actor={actor}>{children}</Frame>
      <AskBeforeLeaving />
    </NextIntlClientProvider>
  )
}
