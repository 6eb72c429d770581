/**
 * Polish leaves no word of one letter at the end of a line. Only the space after it changes, and only where prose can stand:
 * at the beginning, or after a space, an opening mark, a tag or a brace.
 */
export const bindShortWords = (text: string) => text.replace(/(?<=^|[\s(„>{])([aiouwz]) (?=[^\s,}])/gi, '$1\u00a0')
