// The whole life of an organization, with scripts and without.

import assert from 'node:assert/strict'
import { PASSPHRASE } from '../lib/person.mjs'

export const stories = [
  ['signing up, an organization and its projects', (scene) => beginnings(scene, true)],
  ['the same without scripts', (scene) => beginnings(scene, false)],
]

async function beginnings(scene, javaScript) {
  const server = await scene.server('saas')
  const suffix = javaScript ? 'scripts' : 'plain'
  const ann = await scene.person(server, { javaScript })
  await signsUp(ann, `ann-${suffix}@example.com`)
  const organization = await makesAnOrganization(ann, `nova-${suffix}`)
  const project = await worksOnProjects(ann, organization)
  await ann.signOut()
  await ann.sees('You are signed out.')
  await comesBack(ann, `ann-${suffix}@example.com`, project)
}

// A mistake keeps what was typed but the password, and is tied to its field.
async function signsUp(ann, email) {
  await ann.open('/')
  await ann.follow('Create an account')
  await ann.fill({ Name: 'Ann', 'E-mail address': email, Password: 'short' })
  await ann.press('Create the account', { status: 422 })
  assert.match(await ann.mistakeOf('Password'), /^Password must be .+\.$/)
  const value = (label) => ann.main().getByLabel(label, { exact: true }).inputValue()
  assert.deepEqual([await value('Name'), await value('E-mail address'), await value('Password')], ['Ann', email, ''])
  assert.equal(await ann.page.evaluate(() => document.activeElement.name), 'password')
  await ann.fill({ Password: PASSPHRASE })
  await ann.press('Create the account')
  assert.equal(ann.path(), '/organizations')
  await ann.sees('You are in no organization yet.')
}

async function makesAnOrganization(ann, slug) {
  await ann.fill({ Name: 'Nova', 'Slug (in addresses; made from the name if empty)': 'admin' })
  await ann.press('Create the organization', { status: 422 })
  assert.match(await ann.mistakeOf('Slug (in addresses; made from the name if empty)'), /reserved/)
  await ann.fill({ 'Slug (in addresses; made from the name if empty)': slug })
  await ann.press('Create the organization')
  await ann.sees('The organization was created, and you own it.', 'No projects yet.')
  assert.equal(ann.path(), `/o/${slug}`)
  // A reload does not repeat the message where scripts run.
  if (ann.javaScript) assert.equal(new URL(ann.page.url()).search, '')
  return `/o/${slug}`
}

async function worksOnProjects(ann, organization) {
  await ann.follow('Make the first one')
  await ann.press('Create the project', { status: 422 })
  assert.match(await ann.mistakeOf('Name'), /^Name /)
  await ann.fill({ Name: 'Website', Status: 'Active', Description: 'The first\nof many' })
  await ann.press('Create the project')
  await ann.sees('The project was created.')
  for (const name of ['Leaflet', 'Web shop']) await ann.createProject(organization, name)

  await ann.follow('Projects', { within: ann.page.getByRole('navigation', { name: 'Sections' }) })
  await ann.fill({ Name: 'web' })
  await ann.press('Show')
  await ann.sees('Website', 'Web shop')
  await ann.seesNot('Leaflet')
  assert.equal(new URL(ann.page.url()).searchParams.get('q'), 'web')
  await ann.fill({ Status: 'Active' })
  await ann.press('Show')
  await ann.seesNot('Web shop')
  await ann.fill({ Name: 'nothing like it' })
  await ann.press('Show')
  await ann.sees('No project matches.')
  await ann.follow('Show all')

  for (const name of ['Leaflet', 'Web shop']) await ann.main().getByLabel(`Select ${name}`).check()
  await ann.fill({ 'Set the selected ones to': 'Archived' })
  await ann.press('Set the status')
  await ann.sees('The status of the selected projects was changed.')
  assert.match(await ann.row('Leaflet').innerText(), /Archived/)
  assert.match(await ann.row('Website').innerText(), /Active/)

  await ann.follow('Leaflet')
  await ann.follow('Delete')
  await ann.sees("This can't be undone.")
  await ann.press('Delete the project')
  await ann.sees('The project was deleted.')
  await ann.seesNot('Leaflet')
  await ann.follow('Website')
  return ann.path()
}

// The page that needed a sign-in is the one that follows it.
async function comesBack(ann, email, project) {
  await ann.open(project)
  assert.equal(ann.path(), '/login')
  await ann.fill({ 'E-mail address': email, Password: 'not my password' })
  await ann.press('Sign in', { status: 422, within: ann.main() })
  await ann.sees('The e-mail address or the password is wrong.')
  await ann.fill({ Password: PASSPHRASE })
  await ann.press('Sign in', { within: ann.main() })
  assert.equal(ann.path(), project)
}
