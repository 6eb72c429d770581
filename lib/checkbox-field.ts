import { z } from 'zod'

/** A box to tick as a form posts it: `on`, or nothing at all. */
export const checkboxField = z.preprocess(value => value === true || value === 'on', z.boolean())
