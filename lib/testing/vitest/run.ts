import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { makeAuthority } from '../certificate'

/** Node reads NODE_EXTRA_CA_CERTS when a process starts, so the authority is made before the workers are. */
export default async function setUp() {
  const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-ca-'))
  process.env.NODE_EXTRA_CA_CERTS = await makeAuthority(folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
