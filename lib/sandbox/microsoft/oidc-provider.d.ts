/** What is used of oidc-provider, which brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export type Context = {
    path: string
    status: number
    body: Record<string, unknown> | string | undefined
    oidc?: {
      route?: string
      account?: { accountId: string }
      params?: Record<string, string | undefined>
      entities?: { Account?: { accountId: string } }
    }
  }
  type Interaction = { uid: string; prompt: { name: string }; params: Record<string, string>; session?: { accountId?: string } }
  type StoredToken = { accountId: string; scope?: string; isExpired: boolean }
  type Grant = { addOIDCScope(scope: string): void; save(): Promise<string> }

  export const errors: { InvalidClientAuth: new (detail: string) => Error }

  export default class Provider {
    constructor(issuer: string, configuration: Record<string, unknown>)
    proxy: boolean
    callback(): (request: IncomingMessage, response: ServerResponse) => void
    use(middleware: (ctx: Context, next: () => Promise<void>) => Promise<void>): void
    on(event: string, listener: (...facts: never[]) => void): void
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionFinished(request: IncomingMessage, response: ServerResponse, result: object, options?: { mergeWithLastSubmission?: boolean }): Promise<void>
    AccessToken: { find(token: string): Promise<StoredToken | undefined> }
    Grant: new (of: {
      accountId: string
      clientId: string
    }) => Grant
  }
}
