/** A date as a header has it. RFC 5322 section 3.3 wants an offset where JavaScript writes GMT. */
export const rfcDate = (date: Date) => date.toUTCString().replace('GMT', '+0000')
