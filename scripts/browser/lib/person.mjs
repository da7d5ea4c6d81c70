// A person in a browser profile of their own.

import assert from 'node:assert/strict'
import { judgePage, watch } from './watch.mjs'

export class Person {
  static async enter(browser, server, options = {}) {
    const { javaScript = true, foreign = [], ...rest } = options
    const context = await browser.newContext({
      javaScriptEnabled: javaScript,
      viewport: { width: 1280, height: 800 },
      ...rest,
    })
    context.setDefaultTimeout(90000)
    const person = new Person()
    Object.assign(person, { context, server, javaScript })
    Object.assign(person, watch(context, [server.address, ...foreign]))
    person.page = await context.newPage()
    return person
  }

  // A second tab of the same browser profile.
  async secondTab() {
    const tab = Object.assign(new Person(), this)
    tab.page = await this.context.newPage()
    return tab
  }

  // Opens an address and expects the status of its page.
  async open(path, status = 200) {
    return this.arrive(status, () => this.page.goto(new URL(path, this.server.address).href))
  }

  // Does what leads to another page, and expects its status; `path` where it leads over others.
  async arrive(status, action, path = '') {
    const [response] = await Promise.all([
      this.page.waitForResponse((response) => {
        const request = response.request()
        const isRedirect = response.status() >= 300 && response.status() < 400
        return request.isNavigationRequest() && request.frame() === this.page.mainFrame() && !isRedirect &&
          new URL(response.url()).pathname.startsWith(path)
      }),
      action(),
    ])
    const html = await response.text()
    await this.page.waitForLoadState()
    const faults = judgePage(response.headers(), html)
    this.faults.push(...faults.map((fault) => `${response.url()}: ${fault}`))
    assert.equal(response.status(), status, `${response.url()} answers ${response.status()}`)
    return html
  }

  // Presses a button by its words; `within` narrows it to a part of the page.
  async press(name, { status = 200, within = this.page } = {}) {
    return this.arrive(status, () => within.getByRole('button', { name, exact: true }).click())
  }

  async follow(name, { status = 200, within = this.main() } = {}) {
    return this.arrive(status, () => within.getByRole('link', { name, exact: true }).click())
  }

  // Fills in fields by their labels.
  async fill(fields, within = this.main()) {
    for (const [label, value] of Object.entries(fields)) {
      const field = this.field(label, within)
      const kind = await field.evaluate((element) => element.tagName)
      if (kind === 'SELECT') await field.selectOption({ label: value })
      else await field.fill(value)
    }
  }

  // A field by its label, or by its name where the label is around it.
  field(label, within = this.main()) {
    return within.getByLabel(label, { exact: true }).or(within.getByRole('combobox', { name: label, exact: true }))
  }

  main() {
    return this.page.locator('main')
  }

  // The row of a table that names something.
  row(name) {
    return this.main().getByRole('row').filter({ has: this.page.getByRole('rowheader', { name }) })
  }

  section(heading) {
    return this.main().locator('section').filter({ has: this.page.getByRole('heading', { name: heading, exact: true }) })
  }

  async sees(...texts) {
    const shown = await this.main().innerText()
    for (const text of texts) assert.ok(shown.includes(text), `“${text}” is not on ${this.page.url()}:\n${shown}`)
  }

  async seesNot(...texts) {
    const shown = await this.page.locator('body').innerText()
    for (const text of texts) assert.ok(!shown.includes(text), `“${text}” is on ${this.page.url()}:\n${shown}`)
  }

  heading() {
    return this.main().getByRole('heading', { level: 1 }).innerText()
  }

  // The address without its query.
  path() {
    return new URL(this.page.url()).pathname
  }

  // What the form says about a field, tied to it for those who don't see the page.
  async mistakeOf(label) {
    const field = this.field(label)
    assert.equal(await field.getAttribute('aria-invalid'), 'true', `${label} has no mistake`)
    const described = await field.getAttribute('aria-describedby')
    const id = described.split(' ').find((one) => one.endsWith('-error'))
    return this.page.locator(`[id="${id}"]`).innerText()
  }

  async has(name, role = 'link') {
    return (await this.main().getByRole(role, { name, exact: true }).count()) > 0
  }

  async openMenu(kind) {
    const menu = this.page.locator(`details.${kind}`)
    if (!(await menu.getAttribute('open') !== null)) await menu.locator('summary').click()
    return menu
  }

  async signUp(name, email, next = '') {
    await this.open(`/signup${next}`)
    await this.fill({ Name: name, 'E-mail address': email, Password: PASSPHRASE })
    await this.press('Create the account', { within: this.main() })
  }

  async signIn(email, password = PASSPHRASE, path = '/login') {
    await this.open(path)
    await this.fill({ 'E-mail address': email, Password: password })
    await this.press('Sign in', { within: this.main() })
  }

  async signOut() {
    await this.press('Sign out', { within: await this.openMenu('person') })
  }

  async createOrganization(name, slug = '') {
    await this.open('/organizations')
    await this.fill({ Name: name, 'Slug (in addresses; made from the name if empty)': slug })
    await this.press('Create the organization', { within: this.main() })
    return this.path()
  }

  async createProject(organization, name, description = '') {
    await this.open(`${organization}/projects/new`)
    await this.fill({ Name: name, Description: description })
    await this.press('Create the project', { within: this.main() })
  }

  // Opens the link of an invitation: a script reads its secret, or the person pastes it.
  async openInvitation(link, status = 200) {
    if (this.javaScript) {
      const visit = () => this.page.goto(link, { waitUntil: 'commit' })
      return this.arrive(status, visit, '/invitations/accept/preview')
    }
    await this.open(link)
    await this.sees('Your browser runs no scripts')
    await this.fill({ "The invitation's link, or its secret": link })
    return this.press('Continue', { status })
  }

  // Ends the visit: nothing may have been wrong on any page.
  async leave() {
    await this.context.close()
    assert.deepEqual(this.faults, [])
  }
}

export const PASSPHRASE = 'correct horse battery'
