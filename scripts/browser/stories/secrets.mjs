// The secret of an invitation stays out of everything that others read.

import assert from 'node:assert/strict'
import { PASSPHRASE } from '../lib/person.mjs'

export const stories = [["an invitation's secret is in no address, Referer, history or log", secretStays]]

async function secretStays(scene) {
  const server = await scene.server('traced', { RUST_LOG: 'trace' })
  const ann = await scene.person(server)
  await ann.signUp('Ann', 'ann@secret.example')
  const organization = await ann.createOrganization('Secretive', 'secretive')
  const secrets = []
  for (const javaScript of [true, false]) {
    await ann.open(`${organization}/members/invite`)
    const several = ann.section('Several people, by a link')
    await ann.press('Make a link', { within: several })
    const link = await ann.field('Link').inputValue()
    const [, secret] = link.match(/#token=(tnti_\S+)$/)
    secrets.push(secret)

    const ben = await scene.person(server, { javaScript })
    await ben.openInvitation(link)
    assert.ok(!ben.page.url().includes(secret))
    const stranger = ben.section('I am new here')
    await ben.fill({ Name: 'Ben', 'E-mail address': `ben-${javaScript}@secret.example`, Password: PASSPHRASE }, stranger)
    await ben.press('Create the account and join', { within: stranger })
    await ben.open('/account')
    for (const request of [...ben.requests, ...ann.requests]) {
      // A fragment stays in the browser: it is no part of what is sent.
      const [url] = request.url().split('#')
      const headers = await request.allHeaders()
      assert.ok(!`${url} ${JSON.stringify(headers)}`.includes(secret), url)
    }
    // Without scripts the fragment of the link itself stays in the history of its owner.
    if (javaScript) assert.ok(!JSON.stringify(await history(ben)).includes(secret))
    assert.ok(!JSON.stringify(await history(ann)).includes(secret))
  }
  const log = server.logged()
  assert.match(log, /"level":"TRACE"/)
  for (const secret of [...secrets, PASSPHRASE]) assert.ok(!log.includes(secret), 'the log has a secret')
}

async function history(person) {
  const session = await person.context.newCDPSession(person.page)
  const { entries } = await session.send('Page.getNavigationHistory')
  return entries.map(({ url }) => url)
}
