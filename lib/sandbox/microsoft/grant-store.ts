type Payload = { grantId?: string; uid?: string; consumed?: number }
type Entry = { payload: Payload; expiresAt: number | null }

/** Where the stand-in keeps grants and tokens: in memory, with a copy of everything for who wants to keep it over a restart. */
export class GrantStore {
  private entries = new Map<string, Entry>()

  constructor(
    snapshot: string | null,
    private readonly changed: (snapshot: string) => void,
  ) {
    if (snapshot) this.entries = new Map(JSON.parse(snapshot) as [string, Entry][])
  }

  /** The adapter that oidc-provider asks for each kind of thing it keeps. */
  readonly adapter = (kind: string) => {
    const key = (id: string) => `${kind}:${id}`
    return {
      upsert: async (id: string, payload: Payload, expiresIn?: number) =>
        this.write(() => this.entries.set(key(id), { payload, expiresAt: expiresIn ? Date.now() + expiresIn * 1000 : null })),
      find: async (id: string) => this.find(key(id)),
      findByUid: async (uid: string) => [...this.entries].find(([name, { payload }]) => name.startsWith(`${kind}:`) && payload.uid === uid)?.[1].payload,
      findByUserCode: async () => undefined,
      consume: async (id: string) =>
        this.write(() => {
          const payload = this.find(key(id))
          if (payload) payload.consumed = Math.floor(Date.now() / 1000)
        }),
      destroy: async (id: string) => this.write(() => this.entries.delete(key(id))),
      revokeByGrantId: async (grantId: string) =>
        this.write(() => {
          for (const [name, { payload }] of this.entries) if (payload.grantId === grantId) this.entries.delete(name)
        }),
    }
  }

  private find(name: string): Payload | undefined {
    const entry = this.entries.get(name)
    return entry && (entry.expiresAt === null || entry.expiresAt > Date.now()) ? entry.payload : undefined
  }

  private write(change: () => unknown): void {
    change()
    for (const [name, { expiresAt }] of this.entries) if (expiresAt !== null && expiresAt <= Date.now()) this.entries.delete(name)
    this.changed(JSON.stringify([...this.entries]))
  }
}
