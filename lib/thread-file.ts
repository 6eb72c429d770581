import path from 'node:path'

/** The file of one of our threads: compiled beside the program that runs (bin/compile.mjs). `name` is its source, without `.ts`. */
export const threadFile = (name: string) => path.resolve(path.dirname(process.argv[1] ?? ''), '..', `${name}.mjs`)
