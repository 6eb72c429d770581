import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'

const programs = ['bin/engine.ts', 'bin/web.ts', 'bin/prepare.ts', 'bin/posthorn.ts']
const threads = ['db/writer-thread.ts', 'bin/delivery-thread.ts'] // beside the programs that start them
const sources = ['bin', 'lib', 'db', 'tsconfig.json', 'package-lock.json']
const asInstalled = ['better-sqlite3', '@node-rs/argon2', 'next', 'pino'] // native, or reading files of their own
const keptMs = 86_400_000 // a program that still runs may load parts of an older one

/**
 * Compiles our programs into a folder named after this very source, unless it is there, and gives that folder. A program
 * starts more than ten times as fast as from TypeScript, and can have threads. Two processes may call it at once.
 */
export async function compilePrograms() {
  const folder = path.join('dist', hashOf(sources))
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}`
  makeOrEnd(unfinished)
  await compile(unfinished)
  try {
    renameSync(unfinished, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
    rmSync(unfinished, { recursive: true, force: true }) // another process was quicker
  }
  removeOld(path.basename(folder))
  return folder
}

function makeOrEnd(folder) {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    console.error(`The programs are not compiled, and this user may not (${error.message}). Run as the owner of the checkout: npm run build`)
    process.exit(1)
  }
}

/**
 * Compiles programs and threads, and whatever else is to stand beside them. The packages go in too: an engine, whose threads each load their
 * own, then starts in half the time and lives in 20 MB less than with thousands of files to find and read.
 */
export async function compile(folder, others = []) {
  const { build } = await import('esbuild') // there only once packages are installed
  await build({
    entryPoints: [...programs, ...threads, ...others],
    outdir: folder,
    outbase: '.',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: asInstalled,
    banner: { js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url)" }, // for CommonJS within
    sourcemap: 'linked',
    logLevel: 'error',
  })
}

function removeOld(current) {
  for (const name of readdirSync('dist')) {
    const folder = path.join('dist', name)
    if (name !== current && Date.now() - statSync(folder).mtimeMs > keptMs) rmSync(folder, { recursive: true, force: true })
  }
}

/** The text of files and folders, in one number. Tests are no part of it. */
export function hashOf(names) {
  const hash = createHash('sha256')
  for (const file of names.flatMap(filesBelow).sort()) hash.update(file).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 32)
}

function filesBelow(name) {
  if (!existsSync(name)) return []
  if (statSync(name).isFile()) return /\.test\.tsx?$/.test(name) ? [] : [name]
  return readdirSync(name).flatMap(entry => filesBelow(path.join(name, entry)))
}
