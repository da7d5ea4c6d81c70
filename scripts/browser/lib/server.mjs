// Servers of the program under test, each with a database of its own.

import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createWriteStream, readFileSync } from 'node:fs'
import { once } from 'node:events'

const { PROGRAM, WORK, DATABASE, PGHOST, PGPORT, PGPASSWORD } = process.env

// No rate limits: all requests come from one address.
const UNLIMITED = {
  TENANTRY__LIMITS__LOGIN_PER_MINUTE: '0',
  TENANTRY__LIMITS__SIGNUP_PER_MINUTE: '0',
  TENANTRY__LIMITS__INVITATIONS_PER_HOUR: '0',
  TENANTRY__LIMITS__REQUESTS_PER_MINUTE_CALLER: '0',
  TENANTRY__LIMITS__REQUESTS_PER_MINUTE_ORGANIZATION: '0',
}

const running = new Set()
// An interrupted run leaves no server behind.
process.on('exit', () => {
  for (const server of running) server.process.kill()
})
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))

export class Server {
  // A database with its tables; `start` serves it.
  constructor(name, settings = {}) {
    this.log = `${WORK}/${name}.log`
    const secret = randomBytes(48).toString('hex')
    this.settings = {
      ...process.env,
      ...UNLIMITED,
      ...databaseOf(name),
      TENANTRY__SESSION__SECRET: secret,
      TENANTRY__SERVER__PORT: '0',
      RUST_LOG: 'warn',
      ...settings,
    }
    this.command(['migrate', 'up'])
  }

  // Runs the program on the database and returns what it prints.
  command(words, input = '') {
    const done = spawnSync(PROGRAM, words, { env: this.settings, input, encoding: 'utf8' })
    if (done.status !== 0) throw new Error(`tenantry ${words.join(' ')}: ${done.stderr}${done.error ?? ''}`)
    return done.stdout
  }

  account(email, name, ...flags) {
    this.command(['user', 'create', '--email', email, '--name', name, '--password-stdin', ...flags], `${PASSWORD}\n`)
  }

  async start() {
    this.process = spawn(PROGRAM, ['serve'], { env: this.settings, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(this)
    this.process.stderr.pipe(createWriteStream(this.log, { flags: 'a' }))
    let printed = ''
    this.process.stdout.setEncoding('utf8')
    for await (const text of this.process.stdout.iterator({ destroyOnReturn: false })) {
      printed += text
      this.address = printed.match(/http:\/\/[\d.]+:\d+/)?.[0]
      if (this.address) break
    }
    if (!this.address) throw new Error(`the server does not start: ${readFileSync(this.log, 'utf8')}`)
    this.process.stdout.pipe(createWriteStream(this.log, { flags: 'a' }))
    return this
  }

  logged() {
    return readFileSync(this.log, 'utf8')
  }

  async stop() {
    running.delete(this)
    if (this.process.exitCode !== null) return
    this.process.kill('SIGTERM')
    await once(this.process, 'exit')
  }
}

export async function stopServers() {
  await Promise.all([...running].map((server) => server.stop()))
}

// The password of every account that the command line makes, the demo world's too.
export const PASSWORD = 'tenantry-demo'

function databaseOf(name) {
  if (DATABASE !== 'postgres') return { DATABASE_URL: `sqlite://${WORK}/${name}.db?mode=rwc` }
  const created = spawnSync('psql', [
    '--no-psqlrc', '--quiet', '--username', 'postgres', '--dbname', 'postgres',
    '--command', `CREATE DATABASE ${name} OWNER tenantry_owner`,
  ], { encoding: 'utf8' })
  if (created.status !== 0) throw new Error(created.stderr)
  const url = (role) => `postgres://${role}:${PGPASSWORD}@${PGHOST}:${PGPORT}/${name}`
  return { DATABASE_URL: url('tenantry_app'), TENANTRY__DATABASE__MIGRATION_URL: url('tenantry_owner') }
}
