'use client'

import { Trouble } from '@/app/_ui/trouble'

export default function WorkspaceError({ error }: { error: Error & { digest?: string } }) {
  return <Trouble id={error.digest} />
}
