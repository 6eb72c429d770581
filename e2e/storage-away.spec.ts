import pg from 'pg'
import { startPostgres } from '../lib/testing/postgres-server'
import { startInstallation } from './fixture/installation'
import { test as base, expect } from './fixture/test'

const keys = `journey:${Buffer.alloc(32, 7).toString('base64')}`

const test = base.extend<{ postgres: { url: string; letIn(isAllowed: boolean): Promise<void> } }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixtures wanted from this pattern
  postgres: async ({}, use) => {
    const server = await startPostgres()
    const operator = new pg.Client({ connectionString: server.url })
    await operator.connect()
    const name = `journey_${process.pid}`
    await operator.query(`create database ${name}`)
    await use({
      url: new URL(name, server.url).href,
      async letIn(isAllowed) {
        await operator.query(`alter database ${name} allow_connections ${isAllowed}`)
        if (!isAllowed) await operator.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
      },
    })
    await operator.query(`drop database ${name} with (force)`)
    await operator.end()
    await server.stop()
  },
  installation: async ({ postgres }, use) => {
    const installation = await startInstallation({ isNew: true, environment: { DATABASE_URL: postgres.url, POSTHORN_KEYS: keys } })
    await use(installation)
    await installation.stop()
  },
})

test('While the database is away nothing that was typed is lost, and the form says when to press again', async ({ postgres, signedInAs }) => {
  const anna = await signedInAs('ANNA')
  const bcc = anna.getByRole('textbox', { name: 'Blind copy (BCC)' })
  const server = anna.getByRole('textbox', { name: 'Mail server and port' })
  const save = anna.getByRole('button', { name: 'Save settings' })
  await anna.getByRole('radio', { name: /^SMTP/ }).check()
  await server.fill('smtp.acme.test')
  await bcc.fill('archive')

  await postgres.letIn(false)
  await save.click()
  await expect(anna.getByText('The system cannot reach its data just now.')).toBeVisible()
  await expect(server).toHaveValue('smtp.acme.test')
  await expect(bcc).toHaveValue('archive')
  const other = await anna.context().newPage()
  await other.goto('/settings/user')
  await expect(other.getByText('Something went wrong on our side.')).toBeVisible()

  await postgres.letIn(true)
  await save.click()
  await expect(bcc, 'now it is judged').toHaveAttribute('aria-invalid', 'true')
  await expect(bcc).toHaveValue('archive')
  await other.getByRole('button', { name: /Try again/ }).click()
  await expect(other.getByRole('heading', { level: 1, name: 'User' })).toBeVisible()
})
