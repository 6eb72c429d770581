/**
 * Polish leaves no word of one letter at the end of a line, nor the figure of a count. Only the space after it changes, and
 * that after a word only where prose can stand: at the beginning, or after a space, an opening mark, a tag or a brace.
 */
export const bindShortWords = (text: string) => text.replace(/(?<=^|[\s(„>{])([aiouwz]) (?=[^\s,}])/gi, '$1\u00a0').replaceAll('# ', '#\u00a0')
