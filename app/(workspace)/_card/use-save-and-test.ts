'use client'

import { useState } from 'react'
import { type FormState, idleForm } from '@/app/_forms/form-state'
import { useFormAction } from '@/app/_forms/use-form-action'
import { saveAny, saveOwn, saveOwnPerson, testValues } from './actions'
import type { CardPageView } from './card-view'
import type { TestState } from './test-section'

/**
 * The two things the form of a card is sent for, and what came of each: nothing, once it was undone. `lastTest` stays all the same, for
 * its conversation stands below. `undoCount`: how often something was undone.
 */
export function useSaveAndTest({ byAdmin, sender }: CardPageView) {
  const [saveState, save, isSaving] = useFormAction(byAdmin ? saveAny : sender.mayChange === 'nothing' ? saveOwnPerson : saveOwn)
  const [testState, test, isTesting] = useFormAction(testValues)
  const [undone, setUndone] = useState<{ saveState: FormState; testState: TestState } | null>(null)
  const [undoCount, setUndoCount] = useState(0)
  const undo = () => {
    setUndone({ saveState, testState })
    setUndoCount(count => count + 1)
  }
  const saved = undone?.saveState === saveState ? idleForm : saveState
  const tested: TestState = undone?.testState === testState ? idleForm : testState
  return { save, isSaving, saved, test, isTesting, tested, lastTest: testState, undo, undoCount }
}
