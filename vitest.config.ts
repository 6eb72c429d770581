import path from 'node:path'
import { defineConfig } from 'vitest/config'

const root = import.meta.dirname

/** The same sentences about mail, on both databases. The dialect is chosen when `lib/env` is first read. */
const onDatabase = (name: 'sqlite' | 'postgres') => ({
  resolve: { alias: { '@': root } },
  test: {
    name,
    include: ['{lib,db,bin}/**/*.test.ts'],
    globalSetup: [path.join(root, 'lib/testing/global-setup.ts')],
    setupFiles: [path.join(root, `lib/testing/setup-${name}.ts`)],
    pool: 'forks' as const,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})

export default defineConfig({ test: { projects: [onDatabase('sqlite'), onDatabase('postgres')], maxWorkers: 2 } })
