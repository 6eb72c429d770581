import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { buildPages } from './build.mjs'
import { installPackages, run } from './install.mjs'

/**
 * `npm test`: everything that has to hold, on a machine with only Node, npm and a C++ toolchain. Each gate counts
 * as one test; the unit tests and journeys count as themselves. Ends with one line: `N passed, N failed`.
 */
process.chdir(new URL('..', import.meta.url).pathname)
Object.assign(process.env, { NEXT_TELEMETRY_DISABLED: '1' })
let passed = 0
let failed = 0

installPackages()
const chromium = findBrowser()

await gate('lint', () => run('npx', ['--no-install', 'biome', 'ci', '--error-on-warnings', '.']))
await gate('types', () => run('npx', ['--no-install', 'next', 'typegen']) && run('npx', ['--no-install', 'tsc', '--noEmit']))
await gate('migrations', migrationsAreCurrent)
await counted(
  'unit and integration',
  ['vitest', 'run', '--reporter=default', '--reporter=json', '--outputFile.json=test-results/unit.json'],
  'test-results/unit.json',
  report => [
    report.numPassedTests,
    report.numFailedTests + report.testResults.filter(file => file.status === 'failed' && file.assertionResults.length === 0).length,
  ],
)
const isBuilt = await gate('build', () => {
  buildPages()
  return true
})
if (isBuilt && existsSync('playwright.config.ts')) {
  await counted(
    'journeys',
    ['playwright', 'test'],
    'test-results/journeys.json',
    report => [report.stats.expected, report.stats.unexpected + report.stats.flaky + report.errors.length],
    { CHROMIUM_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: 'test-results/journeys.json' },
  )
}

console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)

async function gate(name, check) {
  const startedAt = Date.now()
  let isWell = false
  try {
    isWell = await check()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
  }
  if (isWell) passed++
  else failed++
  console.log(`[${isWell ? 'ok' : 'FAILED'}] ${name}, ${Math.round((Date.now() - startedAt) / 1000)} s`)
  return isWell
}

/** Runs a test runner and adds what its own report counted. No report, or one without a test, is a failure. */
async function counted(name, command, reportFile, count, env = {}) {
  const startedAt = Date.now()
  rmSync(reportFile, { force: true })
  const isWell = await new Promise(resolve => {
    spawn('npx', ['--no-install', ...command], { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } }).once('exit', code =>
      resolve(code === 0),
    )
  })
  const [well, bad] = existsSync(reportFile) ? count(JSON.parse(readFileSync(reportFile, 'utf8'))) : [0, 1]
  passed += well
  failed += !isWell && bad === 0 ? 1 : bad
  if (well + bad === 0) failed++
  console.log(`[${isWell && bad === 0 && well > 0 ? 'ok' : 'FAILED'}] ${name}, ${Math.round((Date.now() - startedAt) / 1000)} s`)
}

/** Generating again must change nothing: a table that was changed without its migrations is caught here. */
function migrationsAreCurrent() {
  const generate = url => run('npx', ['--no-install', 'drizzle-kit', 'generate'], { DATABASE_URL: url })
  if (!generate('') || !generate('postgres://')) return false
  const changed = spawnSync('git', ['status', '--porcelain', 'db/migrations'], { encoding: 'utf8' }).stdout
  if (changed) console.error(`db/schema and db/migrations differ:\n${changed}`)
  return changed === ''
}

/** Playwright's own browser where it can be downloaded, else Debian's. */
function findBrowser() {
  const installed = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    file => file && existsSync(file),
  )
  if (installed) return installed
  if (spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0 && process.getuid?.() === 0) {
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', 'chromium'], { DEBIAN_FRONTEND: 'noninteractive' })
    if (existsSync('/usr/bin/chromium')) return '/usr/bin/chromium'
  }
  run('npx', ['--no-install', 'playwright', 'install', '--with-deps', 'chromium'])
  return '' // Playwright's own
}
