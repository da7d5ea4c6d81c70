// Links that are mailed: taken out of the mail and followed.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { PASSPHRASE } from '../lib/person.mjs'

const { WORK } = process.env
const FOLDER = `${WORK}/mails`
const OTHER = 'another horse battery staple'

export const stories = [
  ['a forgotten password is replaced by the link of a mail', (scene) => forgotten(scene, true)],
  ['a forgotten password is replaced without scripts', (scene) => forgotten(scene, false)],
  ['an address is confirmed and changed by the links of mails', addresses],
]

const server = (scene) => scene.server('mailed', { TENANTRY__MAIL__URL: `file://${FOLDER}` })

// The links in the mails to an address, the oldest first.
function links(address) {
  if (!existsSync(FOLDER)) return []
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.eml')).sort()
  const mails = files.map((file) => readFileSync(`${FOLDER}/${file}`, 'utf8'))
  const decoded = mails.filter((mail) => mail.includes(`<${address}>`))
    .map((mail) => mail.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '='))
  return decoded.map((mail) => mail.match(/http:\S+#token=\w+/)?.[0]).filter(Boolean)
}

async function newLink(address, count) {
  for (let turn = 0; turn < 300; turn += 1) {
    const found = links(address)
    if (found.length >= count) return found[count - 1]
    await wait(100)
  }
  throw new Error(`no mail to ${address}`)
}

// Opens the link of a mail; without scripts the person pastes it.
async function follow(person, link) {
  await person.arrive(200, () => person.page.goto(link))
  const field = person.field('The link of the mail, or its secret')
  if (person.javaScript) {
    assert.equal(await field.inputValue(), link.split('#token=')[1])
    assert.ok(!person.page.url().includes('token'), person.page.url())
  } else {
    await field.fill(link)
  }
}

async function forgotten(scene, javaScript) {
  const address = `forgetful-${javaScript}@mail.example`
  const person = await scene.person(await server(scene), { javaScript })
  await person.signUp('Fay', address)
  await person.signOut()
  await person.follow('Forgot your password?')
  await person.fill({ 'E-mail address': address })
  await person.press('Send the link')
  await person.sees('a mail with a link is on its way')
  const link = await newLink(address, 1)
  await follow(person, link)
  await person.fill({ 'New password': 'short' })
  if (!javaScript) await person.fill({ 'The link of the mail, or its secret': link })
  await person.press('Set the password', { status: 422 })
  await person.fill({ 'New password': OTHER })
  await person.press('Set the password')
  await person.sees('Your password was changed')
  await person.signIn(address, OTHER)
  await person.signOut()

  await follow(person, link)
  await person.fill({ 'New password': PASSPHRASE })
  await person.press('Set the password', { status: 422 })
  await person.sees('This link is of no use any more')
}

async function addresses(scene) {
  const person = await scene.person(await server(scene))
  await person.signUp('Ada', 'ada@mail.example')
  await person.open('/account/email')
  await person.sees('ada@mail.example', 'not confirmed')
  await person.arrive(200, () => person.main().getByRole('button', { name: 'Send the link' }).first().click())
  await follow(person, await newLink('ada@mail.example', 1))
  await person.press('Confirm the address')
  await person.sees('The address is confirmed.')

  await person.open('/account/email')
  await person.seesNot('not confirmed')
  await person.fill({ 'New e-mail address': 'lovelace@mail.example', 'Current password': PASSPHRASE })
  await person.press('Send the link')
  await person.sees('on its way to the new address')
  await follow(person, await newLink('lovelace@mail.example', 1))
  await person.press('Confirm the address')
  await person.open('/account/email')
  await person.sees('lovelace@mail.example')
}
