'use client'

import { useRef, useState } from 'react'
import type { Tls } from '@/db/schema'
import { portForTls, tlsForPort } from '@/lib/sender/server-field'
import type { SenderFields } from './card-view'

const usualPorts = [25, 465, 587]

/** The port at the end of `server:port`; null while there is none. */
const portIn = (server: string) => {
  const port = /[^:]:(\d{1,5})$/.exec(server.trim())?.[1]
  return port ? Number(port) : null
}

const withPort = (server: string, port: number) => `${server.trim().replace(/:\d*$/, '')}:${port}`

/**
 * The fields of the sender as they stand on screen. Server and SSL/TLS propose each other's usual value, until the
 * other was set by hand.
 */
export function useSenderFields(initial: SenderFields) {
  const [fields, setFields] = useState(initial)
  const byHand = useRef({ port: false, tls: false })
  const set = (change: Partial<SenderFields>) => setFields(fields => ({ ...fields, ...change }))

  function setServer(server: string) {
    const port = portIn(server)
    if (port !== portIn(fields.server)) byHand.current.port = port !== null
    const proposes = port !== null && usualPorts.includes(port) && !byHand.current.tls
    set(proposes ? { server, tls: tlsForPort(port) } : { server })
  }

  function setTls(tls: Tls) {
    byHand.current.tls = true
    const proposes = fields.server.trim() !== '' && !fields.server.includes('[') && !byHand.current.port
    set(proposes ? { tls, server: withPort(fields.server, portForTls(tls)) } : { tls })
  }

  /** A server chosen as a whole: nothing of it counts as set by hand. */
  function choose(server: string, tls: Tls | null) {
    byHand.current = { port: false, tls: false }
    set(tls ? { server, tls } : { server })
  }

  function reset(fields: SenderFields) {
    byHand.current = { port: false, tls: false }
    setFields(fields)
  }

  return { fields, set, setServer, setTls, choose, reset }
}

export type SenderFieldsState = ReturnType<typeof useSenderFields>
