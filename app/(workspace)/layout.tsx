import type { ReactNode } from 'react'
import { requireActor } from '@/app/_auth/require-actor'
import { Frame } from '@/app/_ui/frame'

export default async function WorkspaceLayout({ children }: { children: ReactNode }) {
  return <Frame actor={await requireActor()}>{children}</Frame>
}
