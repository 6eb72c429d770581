import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hashOf } from './compile.mjs'
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
