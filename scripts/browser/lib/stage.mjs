// What stories have: a browser, servers that start when the first story needs them, and people.

import { mkdirSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { Person } from './person.mjs'
import { Server, stopServers } from './server.mjs'

const { CHROMIUM, FAILURES } = process.env

export class Stage {
  static async open() {
    const stage = new Stage()
    stage.browser = await chromium.launch({
      executablePath: CHROMIUM,
      // Going back shows what a browser of people shows.
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
        '--disable-sync', '--no-first-run', '--disable-quic', '--disable-lcd-text',
      ],
    })
    stage.servers = new Map()
    return stage
  }

  // The server of this name; `prepare` fills its database before it starts.
  server(name, settings = {}, prepare = () => {}) {
    const start = async () => {
      const server = await Server.prepare(name, settings)
      await prepare(server)
      return server.start()
    }
    if (!this.servers.has(name)) this.servers.set(name, start())
    return this.servers.get(name)
  }

  async close() {
    await this.browser.close()
    await stopServers()
  }
}

// One story: its people, and the servers that it asks for.
export class Scene {
  constructor(stage) {
    this.stage = stage
    this.people = []
  }

  server(name, settings, prepare) {
    return this.stage.server(name, settings, prepare)
  }

  // The server with the demo world.
  demo() {
    return this.server('demo', {}, (server) => server.command(['seed']))
  }

  async person(server, options) {
    const person = await Person.enter(this.stage.browser, server, options)
    this.people.push(person)
    return person
  }

  // Everyone leaves, and nothing was wrong on any page.
  async end() {
    for (const person of [...this.people]) {
      await person.leave()
      this.people.shift()
    }
  }

  // A picture of each page of a story that failed is kept.
  async abandon(story) {
    mkdirSync(FAILURES, { recursive: true })
    const name = story.replaceAll(/\W+/g, '-')
    for (const [at, person] of this.people.entries()) {
      for (const fault of person.faults) console.log(`    ${fault}`)
      for (const page of person.context.pages()) {
        await page.screenshot({ path: `${FAILURES}/${name}-${at + 1}.png` }).catch(() => {})
      }
      await person.context.close().catch(() => {})
    }
  }
}
