// What a story has: servers that are started when the first story needs them, and people.

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
        '--disable-sync', '--no-first-run', '--disable-quic',
      ],
    })
    stage.servers = new Map()
    stage.people = []
    return stage
  }

  // The server of this name; `prepare` fills its database before it starts.
  async server(name, settings = {}, prepare = () => {}) {
    if (!this.servers.has(name)) {
      const server = new Server(name, settings)
      prepare(server)
      this.servers.set(name, await server.start())
    }
    return this.servers.get(name)
  }

  async demo() {
    return this.server('demo', {}, (server) => {
      server.demo = JSON.parse(server.command(['seed', '--json']))
    })
  }

  async person(server, options) {
    const person = await Person.enter(this.browser, server, options)
    this.people.push(person)
    return person
  }

  // Ends a story: everyone leaves, and nothing was wrong on any page.
  async end() {
    const people = this.people.splice(0)
    for (const person of people) await person.leave()
  }

  // Ends a story that failed: a picture of each page is kept.
  async abandon(story) {
    mkdirSync(FAILURES, { recursive: true })
    const name = story.replaceAll(/\W+/g, '-')
    for (const [at, person] of this.people.splice(0).entries()) {
      for (const fault of person.faults) console.log(`    ${fault}`)
      for (const page of person.context.pages()) {
        await page.screenshot({ path: `${FAILURES}/${name}-${at + 1}.png` }).catch(() => {})
      }
      await person.context.close().catch(() => {})
    }
  }

  async close() {
    await this.browser.close()
    await stopServers()
  }
}
