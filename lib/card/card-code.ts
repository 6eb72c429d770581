/** What a card is called in its company: `ANNA`. In capitals; whatever else is typed names no card, and is not asked for. */
export const codePattern = /^[A-Z0-9_-]{1,20}$/
