/** For a number that comes as text: its digits as the number, anything else as it came. `0x10`, `1e2` and ` 5`, which JavaScript would read as well, are none. */
export const digits = (given: unknown) => (typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given)
