import { expect, test } from 'vitest'
import { makeCompany } from '@/lib/testing/company'
import { testDb } from '@/lib/testing/database'
import { startSmarthost } from '@/lib/testing/smtp-server'
import { checkReach } from './check-reach'

test('a server that lets us in is heard out, without a login and without mail', async () => {
  await using db = await testDb()
  await using server = await startSmarthost({ users: { anna: 'secret' } })
  const { admin } = await makeCompany(db)
  const reach = await checkReach(db, admin, { server: server.server })
  expect(reach).toMatchObject({ verdict: 'letIn', server: server.server, errorCode: null })
  expect(reach.said).toContain('STARTTLS')
  expect([server.logins, server.received]).toEqual([[], []])
})

test('a server that refuses the address is quoted, and one that is not there is told apart', async () => {
  await using db = await testDb()
  const server = await startSmarthost({ connectReply: { code: 554, text: '5.7.1 90.190.150.212 is not on our list' } })
  const { admin } = await makeCompany(db)
  const refused = await checkReach(db, admin, { server: server.server })
  expect(refused).toMatchObject({ verdict: 'refused' })
  expect(refused.said).toContain('is not on our list')
  await server.close()
  expect(await checkReach(db, admin, { server: server.server })).toMatchObject({ verdict: 'unreachable', errorCode: 'connectionRefused', said: '' })
})

test('only admins check, only servers that may be connected to, and not without end', async () => {
  await using db = await testDb()
  const { user, admin } = await makeCompany(db)
  await expect(checkReach(db, user, { server: 'localhost:2525' })).rejects.toMatchObject({ code: 'notAdmin' })
  await expect(checkReach(db, admin, { server: '169.254.169.254:25' })).rejects.toMatchObject({ code: 'notAdmitted', field: 'server' })
  await expect(checkReach(db, admin, { server: 'localhost' })).rejects.toMatchObject({ code: 'serverNoPort' })
  await expect(
    (async () => {
      for (let count = 0; count < 21; count++)
        await checkReach(db, admin, { server: '10.0.0.1:25' }).catch(error => {
          if (error.code === 'tooManySearches') throw error
        })
    })(),
  ).rejects.toMatchObject({ code: 'tooManySearches', values: { minutes: 10 } })
})
