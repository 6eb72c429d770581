import path from 'node:path'
import { compilePrograms } from './compile.mjs'

/** `node bin/run.mjs engine …`: one of our programs, compiled first where its source has changed. */
const [, , name, ...words] = process.argv
const program = path.resolve(await compilePrograms(), `bin/${name}.mjs`)
process.argv = [process.execPath, program, ...words]
await import(program)
