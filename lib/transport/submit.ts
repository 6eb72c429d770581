import type { Submission, SubmissionServer, SubmitHooks, SubmitResult } from './submission'
import { submitOverGraph } from './submit-over-graph'
import { submitOverSmtp } from './submit-over-smtp'

/** The only way mail leaves: by SMTP, or over Microsoft Graph where the mailbox was switched to it. Same arguments, same result. */
export function submit(server: SubmissionServer, submission: Submission, hooks: SubmitHooks = {}): Promise<SubmitResult> {
  const { graphUrl, login } = server
  if (!graphUrl) return submitOverSmtp(server, submission, hooks)
  if (!login || !('accessToken' in login)) throw new Error('Microsoft Graph takes a token and nothing else')
  return submitOverGraph({ ...server, graphUrl, login }, submission, hooks)
}
