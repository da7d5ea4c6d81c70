// Passkeys, with Chromium's virtual authenticator.

import assert from 'node:assert/strict'
import { PASSPHRASE } from '../lib/person.mjs'

export const stories = [
  ['a passkey is added, signs in without a password, and is removed', passkey],
  ['a page that was opened under a number says where passkeys work', number],
]

// A person with a device that keeps passkeys. They belong to names, so the server is opened by its name.
async function enter(scene) {
  const server = await scene.server('passkeys')
  const address = server.address.replace('127.0.0.1', 'localhost')
  const person = await scene.person(Object.create(server, { address: { value: address } }))
  await addAuthenticator(person)
  return person
}

async function addAuthenticator(person) {
  const session = await person.context.newCDPSession(person.page)
  await session.send('WebAuthn.enable')
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
}

async function passkey(scene) {
  const person = await enter(scene)
  await person.signUp('Pat', 'pat@passkeys.example')
  await person.open('/account/passkeys')
  await person.sees('No passkeys yet')
  const add = person.page.getByRole('button', { name: 'Add a passkey' })
  await person.fill({ Name: 'Laptop', 'Current password': 'a wrong password' })
  await add.click()
  await person.page.getByRole('alert').filter({ visible: true }).waitFor()
  await person.fill({ 'Current password': PASSPHRASE })
  await add.click()
  const codes = person.page.getByLabel('Recovery codes')
  await codes.waitFor()
  assert.equal((await codes.inputValue()).split('\n').length, 10)
  await person.follow('I kept them')
  assert.equal(await person.row('Laptop').count(), 1)
  await person.signOut()

  await person.open('/login')
  await person.press('Use a passkey')
  assert.equal(person.path(), '/organizations')
  await person.open('/account/passkeys')
  await person.seesNot('Never')
  await person.follow('Remove Laptop')
  await person.sees('It is your last second factor')
  await person.press('Remove the passkey')
  await person.sees('The passkey was removed', 'No passkeys yet')
}

async function number(scene) {
  const person = await scene.person(await scene.server('passkeys'))
  await addAuthenticator(person)
  await person.open('/login')
  await person.page.getByRole('button', { name: 'Use a passkey' }).click()
  const problem = person.page.getByRole('alert').filter({ visible: true })
  await problem.waitFor()
  assert.match(await problem.innerText(), /Open http:\/\/localhost:\d+\/login to use passkeys/)
}
