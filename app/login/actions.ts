'use server'

import { redirect } from 'next/navigation'
import { z } from 'zod'
import { findPeer, isAtThisMachine } from '@/app/_auth/peer'
import { returnPath } from '@/app/_auth/return-path'
import { writeSessionCookie } from '@/app/_auth/session-cookie'
import { publicAction } from '@/app/_forms/form-action'
import { getDb } from '@/db/client'
import { Refusal } from '@/lib/errors'
import { signInAsDemo } from '@/lib/installation/demo'
import { signIn } from '@/lib/login/sign-in'

const signInForm = z.object({
  email: z.string().trim().min(1, 'required').max(254, 'tooLong'),
  password: z.string().min(1, 'required').max(200, 'passwordTooLong'),
  next: z.string().optional(),
})

export const submitSignIn = publicAction(signInForm, async ({ email, password, next }) => {
  const { sessionId } = await signIn(getDb(), { email, password, peer: await findPeer() })
  await writeSessionCookie(sessionId)
  redirect(returnPath(next))
})

const demoForm = z.object({ code: z.string().max(20), next: z.string().optional() })

/** A sandbox's one click. Only for whoever sits at the machine itself. */
export const submitDemoSignIn = publicAction(demoForm, async ({ code, next }) => {
  if (!(await isAtThisMachine())) throw new Refusal('notSandbox')
  const { sessionId } = await signInAsDemo(getDb(), code)
  await writeSessionCookie(sessionId)
  redirect(returnPath(next))
})
