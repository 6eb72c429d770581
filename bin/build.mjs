import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { run } from './install.mjs'

const sources = [
  'app',
  'lib',
  'db',
  'public',
  'package-lock.json',
  'next.config.ts',
  'postcss.config.mjs',
  'proxy.ts',
  'instrumentation.ts',
  'platform.json',
  'tsconfig.json',
]
const stamp = '.next/posthorn-build'

/** Builds the pages unless this very source is built already. One build serves any number of installations. */
export function buildPages() {
  const wanted = hashOf(sources)
  if (existsSync(stamp) && existsSync('.next/BUILD_ID') && readFileSync(stamp, 'utf8') === wanted) return
  console.log('Building …')
  rmSync(stamp, { force: true })
  if (!run('npx', ['--no-install', 'next', 'build'])) throw new Error('next build failed: see above')
  writeFileSync(stamp, wanted)
}

function hashOf(names) {
  const hash = createHash('sha256')
  for (const file of names.flatMap(filesBelow).sort()) hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex')
}

function filesBelow(name) {
  if (!existsSync(name)) return []
  if (statSync(name).isFile()) return /\.test\.tsx?$/.test(name) ? [] : [name]
  return readdirSync(name).flatMap(entry => filesBelow(path.join(name, entry)))
}
