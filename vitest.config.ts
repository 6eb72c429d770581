import path from 'node:path'
import { defineConfig } from 'vitest/config'
import { keepTemporaryFilesInMemory } from './bin/memory-folder.mjs'

keepTemporaryFilesInMemory()

/** The same tests twice: once on SQLite, once on PostgreSQL. */
const shared = {
  include: ['lib/**/*.test.ts', 'db/**/*.test.ts', 'bin/**/*.test.ts', 'app/**/*.test.ts'],
  setupFiles: ['lib/testing/vitest/environment.ts'],
  pool: 'forks' as const,
  isolate: false, // a worker loads our modules once, not for each file: two fifths of the time. What a file changes in them it puts back
  testTimeout: 20_000,
  hookTimeout: 20_000,
}

export default defineConfig({
  resolve: { alias: { '@': path.resolve(import.meta.dirname) } },
  test: {
    maxWorkers: 2,
    globalSetup: ['lib/testing/vitest/run.ts'],
    projects: [
      { extends: true, test: { ...shared, name: 'sqlite', env: { POSTHORN_TEST_DIALECT: 'sqlite' } } },
      { extends: true, test: { ...shared, name: 'postgres', env: { POSTHORN_TEST_DIALECT: 'postgres' }, globalSetup: ['lib/testing/vitest/postgres.ts'] } },
    ],
  },
})
