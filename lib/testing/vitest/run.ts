import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { makeAuthority } from '../certificate'

/** The folder of a run, gone when it ends. In it is the authority: Node reads NODE_EXTRA_CA_CERTS when a process starts, so it is made before the workers are. */
export default async function setUp() {
  const folder = mkdtempSync(path.join(tmpdir(), 'posthorn-test-'))
  process.env.POSTHORN_TEST_FOLDER = folder
  process.env.NODE_EXTRA_CA_CERTS = await makeAuthority(folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
