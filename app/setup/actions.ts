'use server'

import { redirect } from 'next/navigation'
import { firstPath } from '@/app/_auth/return-path'
import { writeSessionCookie } from '@/app/_auth/session-cookie'
import { publicAction } from '@/app/_forms/form-action'
import { wellFilled } from '@/app/_forms/well-filled'
import { getDb } from '@/db/client'
import { assertMaySetUp, completeSetup } from '@/lib/installation/installation'
import { setupForm } from '@/lib/installation/setup.form'

export const submitSetup = publicAction(
  setupForm,
  async input => {
    const { sessionId } = await completeSetup(getDb(), input)
    await writeSessionCookie(sessionId)
    redirect(firstPath)
  },
  fields => assertMaySetUp(getDb(), { code: '', ...wellFilled(setupForm, fields) }),
)
