/**
 * The beginning of a text that somebody else wrote, fit to be stored. An emoji is two UTF-16 units: cut between them, half
 * of it is no character, and PostgreSQL takes no JSON that holds one.
 */
export const cutText = (text: string, maxLength: number): string => text.slice(0, maxLength).toWellFormed()
