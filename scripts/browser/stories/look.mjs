// Every page for everyone's eyes and none: no serious finding of axe in light or dark, and no page that
// is wider than a narrow window.

import assert from 'node:assert/strict'
import { judgeLook } from '../lib/look.mjs'
import { PASSWORD } from '../lib/server.mjs'

export const stories = [
  ['pages of visitors', (scene) => pages(scene, null, VISITORS)],
  ['pages of an account', (scene) => pages(scene, 'bea', ACCOUNT)],
  ['pages of an organization', (scene) => pages(scene, 'olivia', ORGANIZATION)],
  ['pages of an organization for a viewer', (scene) => pages(scene, 'victor', VIEWER)],
  ['pages of operators', (scene) => pages(scene, 'root', OPERATORS)],
  ['forms with mistakes', mistakes],
  ['the page after too many tries', tooMany],
]

const VISITORS = ['/', '/login', '/signup', '/login?next=/account', ['/nothing', 404]]
const ACCOUNT = ['/organizations', '/organizations?q=nothing', '/account', '/account/security', '/account/sessions', '/account/tokens', '/account/activity']
const ORGANIZATION = [
  '/o/acme', '/o/acme/projects', '/o/acme/projects?q=nothing', '/o/acme/projects/new', '/o/acme/members',
  '/o/acme/members?q=nothing', '/o/acme/members/invite', '/o/acme/members/invitations', '/o/acme/members/leave',
  '/o/acme/settings', '/o/acme/settings/delete', '/o/acme/billing', '/o/acme/audit-log', '/o/acme/audit-log?action=none',
  ['/o/acme/nothing', 404],
]
const VIEWER = ['/o/acme', '/o/acme/projects', ['/o/acme/projects/new', 403]]
const OPERATORS = [
  '/admin', '/admin/organizations', '/admin/organizations?q=nothing', '/admin/members', '/admin/people',
  '/admin/deletions', '/admin/rows?table=projects', '/admin/rows?table=projects&q=nothing', '/admin/events', '/admin/report',
  '/admin/report?sort=-members',
]

async function pages(scene, who, paths) {
  const person = await scene.person(await scene.demo())
  if (who) await person.signIn(`${who}@example.com`, PASSWORD)
  const faults = []
  const look = async () => {
    const found = await judgeLook(person.page)
    faults.push(...found.map((fault) => `${person.page.url()}: ${fault}`))
  }
  for (const path of paths) {
    const [address, status] = Array.isArray(path) ? path : [path, 200]
    await person.open(address, status)
    await look()
    // One page for each row: the first one stands for all.
    const row = person.main().getByRole('rowheader').getByRole('link').first()
    if (['/o/acme/projects', '/admin/organizations', '/admin/people'].includes(address)) {
      await person.arrive(200, () => row.click())
      await look()
      const deletion = person.main().getByRole('link', { name: 'Delete', exact: true })
      if (await deletion.count() > 0) {
        await person.arrive(200, () => deletion.click())
        await look()
      }
    }
  }
  assert.deepEqual(faults, [])
}

async function mistakes(scene) {
  const bea = await scene.person(await scene.demo())
  const faults = []
  const look = async () => faults.push(...(await judgeLook(bea.page)).map((fault) => `${bea.page.url()}: ${fault}`))
  await bea.open('/login')
  await bea.press('Sign in', { status: 422, within: bea.main() })
  await look()
  await bea.open('/signup')
  await bea.press('Create the account', { status: 422 })
  await look()
  await bea.signIn('bea@example.com', PASSWORD)
  await bea.open('/o/globex/projects/new')
  await bea.press('Create the project', { status: 422 })
  await look()
  await bea.open('/account/tokens')
  await bea.press('Create the token', { status: 422 })
  await look()
  await bea.fill({ Name: 'Build', Organization: 'Globex' })
  await bea.press('Create the token')
  await bea.sees('it is not shown again')
  await look()
  await bea.open('/account/security')
  await bea.press('Change the password', { status: 422 })
  await look()
  assert.deepEqual(faults, [])
}

async function tooMany(scene) {
  const server = await scene.server('limited', { TENANTRY__LIMITS__LOGIN_PER_MINUTE: '1' })
  const eve = await scene.person(server)
  for (const status of [422, 429]) {
    await eve.open('/login')
    await eve.fill({ 'E-mail address': 'eve@example.com', Password: 'not my password' })
    await eve.press('Sign in', { status, within: eve.main() })
  }
  assert.equal(await eve.heading(), 'Too many requests')
  assert.deepEqual(await judgeLook(eve.page), [])
}
