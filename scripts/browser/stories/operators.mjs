// The operators' pages.

import assert from 'node:assert/strict'
import { PASSWORD } from '../lib/server.mjs'

export const stories = [['an operator looks, disables and enables, and reads the report', operators]]

async function operators(scene) {
  const server = await scene.server('operators', {}, async (server) => {
    await server.account('sue@example.com', 'Sue', '--superuser')
  })
  const owner = await scene.person(server)
  await owner.signUp('Ole', 'ole@example.com')
  const organization = await owner.createOrganization('=1+1', 'sums')
  await owner.createProject(organization, 'Adding up')
  // The site is not there for others.
  for (const path of ['/admin', '/admin/people', '/admin/report', '/admin/report.csv']) await owner.open(path, 404)

  const sue = await scene.person(server)
  await sue.signIn('sue@example.com', PASSWORD)
  await sue.arrive(200, async () => (await sue.openMenu('person')).getByRole('link', { name: 'Operators' }).click())
  await disablesTheOrganization(sue, owner, organization)
  await looksAtRows(sue)
  await disablesThePerson(sue, owner)
  await readsTheReport(sue)
  await deletesTheOrganization(sue, owner, organization)
}

async function disablesTheOrganization(sue, owner, organization) {
  await sue.open('/admin/organizations')
  await sue.fill({ 'Name or slug': 'sums', State: 'Active' })
  await sue.press('Show', { within: sue.main() })
  await sue.follow('=1+1')
  await sue.fill({ 'Most projects': '1' })
  await sue.press('Save')
  await sue.sees('The limits were changed.')
  await owner.open(`${organization}/projects/new`)
  await owner.fill({ Name: 'One too many' })
  await owner.press('Create the project', { status: 422 })

  await sue.follow('Disable the organization')
  await sue.fill({ Reason: 'The bill was not paid' })
  await sue.press('Disable the organization')
  await sue.sees('The organization was disabled.')
  await owner.open(organization, 404)
  await sue.press('Enable the organization')
  // The organization sees who looked, and what was done.
  await owner.open(`${organization}/audit-log`)
  await owner.sees('Operator looked', 'Organization disabled', 'Organization enabled', 'Limits changed')
}

async function disablesThePerson(sue, owner) {
  await sue.open('/admin/people')
  await sue.fill({ 'Name or address': 'ole@example.com' })
  await sue.press('Show', { within: sue.main() })
  await sue.follow('ole@example.com')
  // The organization would be left without an owner.
  await sue.follow('Disable the account')
  await sue.press('Disable the account', { status: 422 })
  await sue.sees('Not disabled')
  await sue.follow('Disable the account')
  await sue.main().getByRole('checkbox').check()
  await sue.press('Disable the account')
  await sue.sees('The account was disabled.')
  await owner.open('/organizations')
  assert.equal(owner.path(), '/login')
  await sue.press('Enable the account')
  await owner.signIn('ole@example.com')
}

async function readsTheReport(sue) {
  await sue.open('/admin/report')
  await sue.sees('=1+1')
  const [download] = await Promise.all([
    sue.page.waitForEvent('download'),
    sue.main().getByRole('link', { name: 'Save as CSV' }).click(),
  ])
  const parts = []
  for await (const part of await download.createReadStream()) parts.push(part)
  const csv = Buffer.concat(parts).toString()
  assert.match(csv, /sums/)
  // A spreadsheet would read such a cell as a formula.
  assert.doesNotMatch(csv, /(^|,)"?[=+@-]/m)
}

async function looksAtRows(sue) {
  await sue.open('/admin/rows?table=projects')
  await sue.fill({ Name: 'ADDING' })
  await sue.press('Show', { within: sue.main() })
  await sue.sees('Adding up')
  await sue.follow('=1+1')
  await sue.sees('Projects of =1+1')
}

async function deletesTheOrganization(sue, owner, organization) {
  await sue.open('/admin/organizations')
  await sue.follow('=1+1')
  await sue.follow('Delete the organization')
  await sue.press('Delete the organization', { status: 422 })
  await sue.fill({ Slug: 'sums' })
  await sue.press('Delete the organization')
  await sue.sees('The organization is being deleted')
  await owner.open(organization, 404)
}
