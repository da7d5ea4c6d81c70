// Servers of the program under test, each with a database of its own.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createWriteStream, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

const { PROGRAM, WORK, DATABASE, PGHOST, PGPORT, PGPASSWORD } = process.env

// No rate limits: all requests come from one address.
const UNLIMITED = {
  TENANTRY__LIMITS__LOGIN_PER_MINUTE: '0',
  TENANTRY__LIMITS__LOGIN_PER_HOUR_ACCOUNT: '0',
  TENANTRY__LIMITS__SIGNUP_PER_MINUTE: '0',
  TENANTRY__LIMITS__INVITATIONS_PER_HOUR: '0',
  TENANTRY__LIMITS__MAILS_PER_HOUR: '0',
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
  // Makes a database with its tables; `start` serves it.
  static async prepare(name, settings = {}) {
    const server = new Server()
    server.log = `${WORK}/${name}.log`
    server.settings = {
      ...process.env,
      ...UNLIMITED,
      ...await databaseOf(name),
      TENANTRY__SESSION__SECRET: randomBytes(48).toString('hex'),
      TENANTRY__SERVER__PORT: '0',
      RUST_LOG: 'warn',
      ...settings,
    }
    await server.command(['migrate', 'up'])
    return server
  }

  // Runs the program on the database and returns what it prints.
  command(words, input = '') {
    return run(PROGRAM, words, this.settings, input)
  }

  account(email, name, ...flags) {
    return this.command(['user', 'create', '--email', email, '--name', name, '--password-stdin', ...flags], `${PASSWORD}\n`)
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

async function run(program, words, env, input = '') {
  const child = spawn(program, words, { env })
  child.stdin.end(input)
  const [printed, failure, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${failure}`)
  return printed
}

async function databaseOf(name) {
  if (DATABASE !== 'postgres') return { DATABASE_URL: `sqlite://${WORK}/${name}.db?mode=rwc` }
  await run('psql', [
    '--no-psqlrc', '--quiet', '--username', 'postgres', '--dbname', 'postgres',
    '--command', `CREATE DATABASE ${name} OWNER tenantry_owner`,
  ], process.env)
  const url = (role) => `postgres://${role}:${PGPASSWORD}@${PGHOST}:${PGPORT}/${name}`
  return { DATABASE_URL: url('tenantry_app'), TENANTRY__DATABASE__MIGRATION_URL: url('tenantry_owner') }
}
