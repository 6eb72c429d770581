'use client'

import { useEffect, useRef, useState } from 'react'
import type { Discovery, Source, SourceState } from '@/lib/discovery/discovery'
import type { DiscoveryLine } from '../settings/user/discover/route'

export type DiscoveryProgress = {
  isRunning: boolean
  states: Partial<Record<Source, SourceState>>
  found: Discovery | null
  refusal: string | null
  isBroken: boolean // the page lost the connection to us
}

const idle: DiscoveryProgress = { isRunning: false, states: {}, found: null, refusal: null, isBroken: false }

/** Looks for the server of an address, and says meanwhile where. A new search, or leaving, stops the old one. */
export function useDiscovery() {
  const [progress, setProgress] = useState(idle)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])

  async function start(address: string): Promise<Discovery | null> {
    running.current?.abort()
    const mine = new AbortController()
    running.current = mine
    setProgress({ ...idle, isRunning: true })
    let found: Discovery | null = null
    const hear = (line: DiscoveryLine) => {
      if (mine.signal.aborted) return
      if ('found' in line) found = line.found
      setProgress(before => heard(before, line))
    }
    try {
      await read(await fetch('/settings/user/discover', { method: 'POST', body: address, signal: mine.signal }), hear)
    } catch {
      if (!mine.signal.aborted) setProgress({ ...idle, isBroken: true })
    }
    return found
  }

  function stop(): void {
    running.current?.abort()
    setProgress(idle)
  }

  return { progress, start, stop }
}

function heard(before: DiscoveryProgress, line: DiscoveryLine): DiscoveryProgress {
  if ('source' in line) return { ...before, states: { ...before.states, [line.source]: line.state } }
  return 'found' in line ? { ...before, isRunning: false, found: line.found } : { ...before, isRunning: false, refusal: line.refusal }
}

async function read(response: Response, hear: (line: DiscoveryLine) => void): Promise<void> {
  if (!response.ok || !response.body) throw new Error(`${response.status}`)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const lines = (rest + value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) hear(JSON.parse(line) as DiscoveryLine)
  }
}
