const most = 10 // more than the tabs that anybody looks at; each asks the database several times a second

const taken = new Map<string, Set<AbortController>>()

/**
 * A place among the tests that a login follows in this process. Whoever takes one too many gets it from whoever has had
 * theirs longest: the tab in front of the person is the newest, and a browser that is gone without a word keeps nobody out.
 */
export function takePlace(loginId: string): { signal: AbortSignal; leave: () => void } {
  const places = taken.get(loginId) ?? new Set()
  taken.set(loginId, places)
  const place = new AbortController()
  places.add(place)
  const [oldest] = places
  if (places.size > most && oldest) {
    places.delete(oldest)
    oldest.abort()
  }
  const leave = () => {
    places.delete(place)
    if (places.size === 0 && taken.get(loginId) === places) taken.delete(loginId)
  }
  return { signal: place.signal, leave }
}
