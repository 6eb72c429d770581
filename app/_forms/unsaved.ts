type WatchedForm = { hasChanged: () => boolean; forget: () => void }

const watched = new Set<WatchedForm>()

/** Whether anything on the page was typed and not saved. */
export const hasUnsaved = () => [...watched].some(form => form.hasChanged())

/** What is on screen now may be lost. */
export const forgetUnsaved = () => {
  for (const form of watched) form.forget()
}

/** Remembers a form as it stands; `except` names fields that are never saved. Ends by `stop`. */
export function watchForm(form: HTMLFormElement, except: string[]): { remember: () => void; stop: () => void } {
  let remembered = valuesOf(form, except)
  const remember = () => {
    remembered = valuesOf(form, except)
  }
  const entry = { hasChanged: () => valuesOf(form, except) !== remembered, forget: remember }
  watched.add(entry)
  return { remember, stop: () => void watched.delete(entry) }
}

/** All that a person can change, also where a field is switched off just now and would not be sent. */
function valuesOf(form: HTMLFormElement, except: string[]): string {
  const fields = [...form.elements].filter(isField).filter(({ name, type }) => name && type !== 'hidden' && !except.includes(name))
  return JSON.stringify(fields.map(field => [field.name, field.value, 'checked' in field && field.checked]))
}

const isField = (element: Element) => element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement
