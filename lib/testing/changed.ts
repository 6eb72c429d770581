/** Other settings until the end of the block: `using _limits = changed(env.platform, { limits: [] })`. Whatever a test throws, they are put back. */
export function changed<Settings extends object>(settings: Settings, changes: Partial<Settings>): Disposable {
  const before = Object.fromEntries(Object.keys(changes).map(name => [name, settings[name as keyof Settings]]))
  Object.assign(settings, changes)
  return { [Symbol.dispose]: () => void Object.assign(settings, before) }
}
