// The second factor: set up by the secret that the page shows, then asked for.

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { judgeLook } from '../lib/look.mjs'
import { PASSPHRASE } from '../lib/person.mjs'

export const stories = [
  ['an app is set up, asked for and removed', (scene) => everyday(scene, true)],
  ['the same without scripts', (scene) => everyday(scene, false)],
  ['an invitation survives the second step of a login', invited],
  ['an organization requires a second factor', required],
]

const WRONG = 'aaaa-aaaa-aaaa-aaaa-aaaa-aaaa'

// An authenticator app. A code is good once, so it waits for the next one.
class App {
  constructor(secret) {
    const bits = [...secret].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('')
    this.key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)))
    this.last = 0
  }

  async code() {
    const now = () => Math.floor(Date.now() / 30000)
    const step = Math.max(this.last + 1, now())
    // The server accepts the next code as well.
    while (step > now() + 1) await wait(500)
    this.last = step
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(step))
    const hash = createHmac('sha1', this.key).update(counter).digest()
    const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff
    return String(number % 1e6).padStart(6, '0')
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

async function look(person) {
  if (person.javaScript) assert.deepEqual(await judgeLook(person.page), [], person.page.url())
}

// Sets an app up; returns it with the recovery codes.
async function setUp(person) {
  await person.open('/account/security')
  await person.sees('Your password alone signs you in')
  await look(person)
  await person.follow('Set up an authenticator app')
  await look(person)
  await person.fill({ 'Current password': 'not my password' })
  await person.press('Continue', { status: 422 })
  assert.equal(await person.mistakeOf('Current password'), 'Current password is wrong.')
  await person.fill({ 'Current password': PASSPHRASE })
  await person.press('Continue')
  await look(person)
  const { width, height } = await person.main().getByRole('img', { name: 'QR code' }).boundingBox()
  assert.ok(width > 150 && height > 150, `the QR code is ${width} × ${height}`)
  const secret = await person.field('Secret').inputValue()
  const app = new App(secret)
  await person.fill({ Code: WRONG })
  await person.press('Confirm', { status: 422 })
  assert.equal(await person.mistakeOf('Code'), 'The code is wrong, or was used before.')
  await look(person)
  await person.fill({ Code: await app.code() })
  await person.press('Confirm')
  await look(person)
  for (const button of ['Copy', 'Print']) assert.equal(await person.has(button, 'button'), person.javaScript, button)
  const recovery = (await person.field('Recovery codes').inputValue()).trim().split('\n')
  assert.equal(recovery.length, 10)
  await person.follow('I kept them')
  await person.sees('Authenticator app', 'You have 10 recovery codes left.')
  await look(person)
  // Neither the secret nor a code is in an address.
  for (const request of person.requests) {
    for (const kept of [secret, ...recovery]) assert.ok(!request.url().includes(kept), request.url())
  }
  return { app, recovery }
}

async function everyday(scene, javaScript) {
  const server = await scene.server('saas')
  const address = `fay-${javaScript}@factor.example`
  const [fay, elsewhere] = [await scene.person(server, { javaScript }), await scene.person(server, { javaScript })]
  await fay.signUp('Fay', address)
  await elsewhere.signIn(address)
  const { app, recovery } = await setUp(fay)

  await fay.signOut()
  await fay.signIn(address, PASSPHRASE, '/login?next=/account/tokens')
  assert.equal(fay.path(), '/login/code')
  await look(fay)
  await fay.fill({ Code: '12345' })
  await fay.press('Sign in', { status: 422, within: fay.main() })
  await fay.fill({ Code: WRONG })
  await fay.press('Sign in', { status: 422, within: fay.main() })
  assert.equal(await fay.mistakeOf('Code'), 'The code is wrong, or was used before.')
  await look(fay)
  await fay.follow('Start again')
  await fay.fill({ 'E-mail address': address, Password: PASSPHRASE })
  await fay.press('Sign in', { within: fay.main() })
  await fay.fill({ Code: await app.code() })
  await fay.press('Sign in', { within: fay.main() })
  assert.equal(fay.path(), '/account/tokens')

  // The other session began before there was a second factor: it proves it before it changes something.
  await elsewhere.open('/account/email')
  assert.equal(await elsewhere.field('New e-mail address').count(), 0)
  await elsewhere.follow('Confirm that it is you')
  await look(elsewhere)
  await elsewhere.fill({ Code: WRONG })
  await elsewhere.press('Confirm', { status: 422 })
  await elsewhere.fill({ Code: recovery[0].toUpperCase() })
  await elsewhere.press('Confirm')
  assert.equal(elsewhere.path(), '/account/email')
  assert.equal(await elsewhere.field('New e-mail address').count(), 1)

  await elsewhere.signOut()
  await elsewhere.signIn(address)
  await elsewhere.fill({ Code: recovery[0] })
  await elsewhere.press('Sign in', { status: 422, within: elsewhere.main() })
  await elsewhere.fill({ Code: recovery[1] })
  await elsewhere.press('Sign in', { within: elsewhere.main() })
  await elsewhere.open('/account/security')
  await elsewhere.sees('You have 8 recovery codes left.')
  await elsewhere.follow('Get new codes')
  await look(elsewhere)
  await elsewhere.fill({ 'Current password': PASSPHRASE })
  await elsewhere.press('Get new codes')
  const [fresh] = (await elsewhere.field('Recovery codes').inputValue()).split('\n')

  await fay.open('/account/security')
  await fay.follow('Remove')
  await look(fay)
  await fay.fill({ 'Current password': PASSPHRASE, Code: recovery[2] })
  await fay.press('Remove the app', { status: 422 })
  await fay.fill({ 'Current password': PASSPHRASE, Code: fresh })
  await fay.press('Remove the app')
  await fay.sees('The authenticator app was removed.', 'Your password alone signs you in')
  await fay.signOut()
  await fay.signIn(address)
  assert.equal(fay.path(), '/organizations')
}

async function invited(scene) {
  const server = await scene.server('saas')
  const ann = await scene.person(server)
  await ann.signUp('Ann', 'ann@invites.example')
  const organization = await ann.createOrganization('Inviters', 'inviters')
  await ann.open(`${organization}/members/invite`)
  await ann.press('Make a link', { within: ann.section('Several people, by a link') })
  const link = await ann.field('Link').inputValue()
  const [, secret] = link.match(/#token=(tnti_\S+)$/)

  const ben = await scene.person(server)
  await ben.signUp('Ben', 'ben@invites.example')
  const { app } = await setUp(ben)
  await ben.signOut()
  await ben.openInvitation(link)
  const known = ben.section('I have an account')
  await ben.fill({ 'E-mail address': 'ben@invites.example', Password: PASSPHRASE }, known)
  await ben.press('Sign in', { within: known })
  assert.equal(await ben.heading(), 'Your second factor')
  await look(ben)
  await ben.fill({ Code: WRONG })
  await ben.press('Sign in', { status: 422, within: ben.main() })
  await ben.fill({ Code: await app.code() })
  await ben.press('Sign in', { within: ben.main() })
  await ben.sees('You are signed in as Ben')
  await ben.press('Accept the invitation')
  assert.equal(ben.path(), organization)
  for (const request of ben.requests) {
    // A fragment stays in the browser: it is no part of what is sent.
    const [url] = request.url().split('#')
    const headers = await request.allHeaders()
    assert.ok(!`${url} ${JSON.stringify(headers)}`.includes(secret), url)
  }
}

async function required(scene) {
  const server = await scene.server('saas')
  const [ann, ben] = [await scene.person(server), await scene.person(server)]
  await ann.signUp('Ann', 'ann@requires.example')
  const organization = await ann.createOrganization('Careful', 'careful')
  await ann.open(`${organization}/members/invite`)
  await ann.press('Make a link', { within: ann.section('Several people, by a link') })
  const link = await ann.field('Link').inputValue()
  await ben.openInvitation(link)
  const stranger = ben.section('I am new here')
  await ben.fill({ Name: 'Ben', 'E-mail address': 'ben@requires.example', Password: PASSPHRASE }, stranger)
  await ben.press('Create the account and join', { within: stranger })

  await ann.open(`${organization}/settings`)
  await ann.follow('Change this')
  await ann.follow('set one up for your own account')
  await setUp(ann)
  await ann.open(`${organization}/settings/second-factor`)
  await look(ann)
  await ann.main().getByRole('checkbox').check()
  await ann.press('Save')
  await ann.sees('Members need a second factor')
  await ann.open(`${organization}/members`)
  assert.match(await ann.row(/Ben/).innerText(), /No second factor/)

  await ben.open(`${organization}/projects`)
  assert.equal(ben.path(), '/account/security')
  await ben.sees('Careful requires a second factor of its members.')
  await look(ben)
  await setUp(ben)
  await ben.open(`${organization}/projects`)
  assert.equal(ben.path(), `${organization}/projects`)
}
