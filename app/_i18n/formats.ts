import type { Formats } from 'next-intl'

/** How dates and numbers are written, by name: `format.dateTime(instant, 'moment')`. */
export const formats = {
  dateTime: {
    time: { hour: 'numeric', minute: '2-digit' },
    day: { day: 'numeric', month: 'long' },
    dayShort: { day: 'numeric', month: 'short' },
    dayOfYear: { day: 'numeric', month: 'long', year: 'numeric' },
    moment: { day: 'numeric', month: 'long', year: 'numeric', hour: 'numeric', minute: '2-digit' },
    exact: { day: 'numeric', month: 'long', year: 'numeric', hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
  },
  number: {
    seconds: { minimumFractionDigits: 1, maximumFractionDigits: 1 },
  },
} satisfies Formats
