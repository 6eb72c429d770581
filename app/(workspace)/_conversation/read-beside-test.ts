import type { Actor } from '@/lib/actor/actor'
import { findConversation } from './show-conversation'

type Tested = Awaited<ReturnType<typeof findConversation>>

/**
 * What a page shows beside a test. A test that ends while the page is read may have switched the card between two of its
 * reads: then all is read once more. `tested` is null where no test is named, and where it is none of the actor's own.
 */
export async function readBesideTest<T>(actor: Actor, id: string | undefined, read: () => Promise<T>): Promise<{ tested: Tested; facts: T }> {
  const before = id ? await findConversation(actor, id) : null
  const facts = await read()
  if (!id || !before || before.view.ended) return { tested: before, facts }
  const after = await findConversation(actor, id)
  return after?.view.ended ? { tested: after, facts: await read() } : { tested: before, facts }
}
