'use client'

import { useEffect, useState } from 'react'
import { type PolicyPreview, previewFollowers } from './actions'
import type { PolicyFields } from './policy-form'

/** Who would follow whom with what is on screen, or why it cannot be saved, a moment after the last key; null while that is what is saved. */
export function useFollowers(fields: PolicyFields, saved: PolicyFields): PolicyPreview | null {
  const [preview, setPreview] = useState<PolicyPreview | null>(null)
  const { baseCode, usersMaySet, authorIsLogin } = fields
  const isSame = baseCode.trim().toUpperCase() === saved.baseCode && usersMaySet === saved.usersMaySet && authorIsLogin === saved.authorIsLogin

  useEffect(() => {
    if (isSame) return setPreview(null)
    let isCurrent = true
    const timer = setTimeout(async () => {
      const found = await previewFollowers({ baseCode, usersMaySet, authorIsLogin: authorIsLogin ? 'on' : '' }).catch(() => null)
      if (isCurrent && found) setPreview(found)
    }, 250)
    return () => {
      isCurrent = false
      clearTimeout(timer)
    }
  }, [baseCode, usersMaySet, authorIsLogin, isSame])

  return isSame ? null : preview
}
