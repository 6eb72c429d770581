const longestWord = 60
const longestText = 60_000 // as much as 500 recipients need, the most there may be
const mostWords = 8
const mostBeginnings = 12 // of one word: an address has half as many

/**
 * The words of a message as its search finds them: each from its beginning, and again from every beginning inside it, so that
 * `4321`, `example.test` and `2026` find `customer4321@example.test` and `FV/2026/0017`. One blank before each. Should the text grow too
 * long, beginnings inside words are left out first, so that each of the longest addresses is still found from its own beginning.
 */
export function searchText(texts: string[]): string {
  const words = new Set<string>()
  for (const text of texts)
    for (const word of wordsOf(text))
      for (const at of beginningsOf(word)) words.add(at === 0 && word.length <= longestWord ? word : word.slice(at, at + longestWord))
  return joined(words) ?? joined(new Set([...texts.flatMap(searchedFrom), ...words]), { isCut: true }) ?? ''
}

/** One blank before each; null when that is too long, unless it may be cut. */
function joined(words: Set<string>, { isCut = false } = {}): string | null {
  let out = ''
  for (const word of words) {
    if (out.length + word.length >= longestText) return isCut ? out : null
    out += ` ${word}`
  }
  return out
}

/** What was typed, as beginnings of such words. */
export function searchedWords(typed: string): string[] {
  return [...new Set(searchedFrom(typed))].slice(0, mostWords)
}

/** Each word from its first beginning on. */
const searchedFrom = (text: string) =>
  wordsOf(text)
    .map(word => word.slice(beginningsOf(word)[0] ?? word.length).slice(0, longestWord))
    .filter(Boolean)

/** By hand: a regular expression that knows of Unicode costs more than all the rest. */
function wordsOf(text: string): string[] {
  const lower = text.toLowerCase()
  const words: string[] = []
  let begin = 0
  for (let at = 0; at <= lower.length; at++) {
    if (at < lower.length && !isBlank(lower.charCodeAt(at))) continue
    if (at > begin) words.push(lower.slice(begin, at))
    begin = at + 1
  }
  return words
}

/** Blanks and control characters; those beyond Latin are rare enough to be asked for. */
const isBlank = (code: number) => code < 33 || (code > 126 && code < 161) || (code > 0x167f && /\s/.test(String.fromCharCode(code)))

/** Where a reader would begin to type: at a letter or digit behind anything else, at a digit behind a letter, behind leading zeros. */
function beginningsOf(word: string): number[] {
  const beginnings: number[] = []
  let before: Kind = 'other'
  for (let at = 0; at < word.length && beginnings.length < mostBeginnings; at++) {
    const kind = kindOf(word.charCodeAt(at))
    if (kind !== 'other' && (before === 'other' || (kind !== 'letter' && before === 'letter') || (kind === 'digit' && before === 'zeros'))) beginnings.push(at)
    before = kind === 'zero' ? (before === 'digit' ? 'digit' : 'zeros') : kind
  }
  return beginnings
}

type Kind = 'letter' | 'digit' | 'zero' | 'zeros' | 'other'

function kindOf(code: number): Kind {
  if (code === 48) return 'zero'
  if (code > 48 && code < 58) return 'digit'
  if (code < 128) return code > 96 && code < 123 ? 'letter' : 'other'
  return code < 0xc0 || (code >= 0x2000 && code < 0x2070) ? 'other' : 'letter' // signs and quotation marks
}
