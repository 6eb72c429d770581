/** What node-postgres makes of a value on its way to the server; pg-cursor takes it from there, too. Its types leave it out. */
declare module 'pg/lib/utils' {
  export function prepareValue(value: unknown): string | Buffer | null
}
