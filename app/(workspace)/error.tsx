'use client'

import { Trouble } from '@/app/_ui/trouble'

export default function WorkspaceError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return <Trouble id={error.digest} retry={reset} />
}
