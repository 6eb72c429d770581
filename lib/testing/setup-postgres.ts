import pg from 'pg'
import { prepareEnvironment } from './environment'

/** One database for each test file; `testDb` empties it for each test. */
prepareEnvironment()
const server = process.env.TEST_POSTGRES_URL
if (!server) throw new Error('TEST_POSTGRES_URL is not set: the global setup starts a server and sets it')
const name = `test_${process.pid}_${Date.now()}`
const client = new pg.Client({ connectionString: server })
await client.connect()
await client.query(`create database ${name}`)
await client.end()
process.env.DATABASE_URL = Object.assign(new URL(server), { pathname: `/${name}` }).href
