// A deployment for one organization.

import assert from 'node:assert/strict'
import { PASSWORD } from '../lib/server.mjs'

export const stories = [['one organization, and no picker', oneOrganization]]

async function oneOrganization(scene) {
  const server = await scene.server('dedicated', { DEPLOYMENT_MODE: 'dedicated', DEDICATED_ORG_SLUG: 'acme' }, async (server) => {
    await server.account('olga@example.com', 'Olga')
    await server.command(['org', 'create', '--name', 'Acme', '--owner-email', 'olga@example.com'])
  })
  const olga = await scene.person(server)
  await olga.open('/')
  await olga.signIn('olga@example.com', PASSWORD)
  assert.equal(olga.path(), '/o/acme')
  await olga.createProject('/o/acme', 'Launch')

  // Who signs up is a member.
  const nick = await scene.person(server)
  await nick.signUp('Nick', 'nick@example.com')
  assert.equal(nick.path(), '/o/acme')
  await nick.sees('Launch')
  await nick.createProject('/o/acme', 'Handbook')

  for (const person of [olga, nick]) {
    await person.open('/organizations')
    assert.equal(person.path(), '/o/acme')
    assert.equal(await person.page.locator('.picker').count(), 0)
    await person.seesNot('New organization', 'All organizations')
    await person.open('/o/other', 404)
  }
}
