// People of an organization, with scripts and without: they are invited, get roles, work on the same
// project, leave and delete.

import assert from 'node:assert/strict'
import { PASSPHRASE } from '../lib/person.mjs'

export const stories = [
  ['inviting, roles, a conflict, leaving and deleting', (scene) => together(scene, true)],
  ['the same without scripts', (scene) => together(scene, false)],
  ['invitations that are of no use', deadInvitations],
]

async function together(scene, javaScript) {
  const server = await scene.server('saas')
  const slug = javaScript ? 'team-scripts' : 'team-plain'
  const [ann, ben, cleo] = [
    await scene.person(server, { javaScript }),
    await scene.person(server, { javaScript }),
    await scene.person(server, { javaScript }),
  ]
  await ann.signUp('Ann', `ann@${slug}.example`)
  const organization = await ann.createOrganization('Nova', slug)
  await ann.createProject(organization, 'Website')

  await joinsByLink(ann, ben, organization, `ben@${slug}.example`)
  await getsARole(ann, ben, organization)
  await changesTheSameProject(ann, ben, organization)
  await joinsByAddress(ann, cleo, organization, `cleo@${slug}.example`)
  await changesSettings(ann, ben, organization)
  await leaves(ben, organization)
  await handsOver(ann, cleo, organization)
  await deletes(cleo, organization, slug)
}

async function joinsByLink(ann, ben, organization, email) {
  await ann.open(`${organization}/members`)
  await ann.follow('Invite people')
  const several = ann.section('Several people, by a link')
  await ann.fill({ Role: 'Viewer' }, several)
  await ann.press('Make a link', { within: several })
  const link = await ann.field('Link').inputValue()
  assert.equal(await ann.has('Copy', 'button'), ann.javaScript)

  await ben.openInvitation(link)
  assert.equal(await ben.heading(), 'Join Nova')
  const stranger = ben.section('I am new here')
  await ben.fill({ Name: 'Ben', 'E-mail address': email, Password: 'short' }, stranger)
  await ben.press('Create the account and join', { status: 422, within: stranger })
  await ben.fill({ Password: PASSPHRASE }, stranger)
  await ben.press('Create the account and join', { within: stranger })
  assert.equal(ben.path(), organization)
  await ben.sees('Welcome. You are a member now.', 'Website')
}

// A viewer finds no button that a viewer may not press.
async function getsARole(ann, ben, organization) {
  for (const [page, link] of [['/projects', 'New project'], ['/members', 'Invite people']]) {
    await ben.open(organization + page)
    assert.equal(await ben.has(link), false, link)
  }
  await ben.seesNot('Audit log')
  for (const page of ['/projects/new', '/members/invite', '/audit-log']) await ben.open(organization + page, 403)

  await ann.open(`${organization}/members`)
  await ann.follow('Ben')
  await ann.fill({ Role: 'Member' })
  await ann.press('Change the role')
  await ann.sees('The role was changed.')
  assert.match(await ann.row(/Ben/).innerText(), /Member/)
  await ben.createProject(organization, 'Leaflet')
}

async function changesTheSameProject(ann, ben, organization) {
  for (const person of [ann, ben]) {
    await person.open(`${organization}/projects`)
    await person.follow('Website')
  }
  await ben.fill({ Name: 'Website 2', Description: 'By Ben' })
  await ben.press('Save')
  await ann.fill({ Description: 'By Ann' })
  await ann.press('Save', { status: 412 })
  assert.match(await ann.section('Changed in the meantime').innerText(), /Website 2[^]*By Ben/)
  assert.equal(await ann.field('Description').inputValue(), 'By Ann')
  await ann.press('Save')
  await ann.sees('The changes were saved.')
  assert.equal(await ann.field('Description').inputValue(), 'By Ann')
}

async function joinsByAddress(ann, cleo, organization, email) {
  await cleo.signUp('Cleo', email)
  await cleo.signOut()
  await ann.open(`${organization}/members/invite`)
  const one = ann.section('One person')
  await ann.fill({ 'E-mail address': email, Role: 'Admin' }, one)
  await ann.press('Invite the person', { within: one })
  const link = await ann.field('Link').inputValue()

  await cleo.openInvitation(link)
  const known = cleo.section('I have an account')
  await cleo.fill({ 'E-mail address': email, Password: 'not my password' }, known)
  await cleo.press('Sign in', { status: 422, within: known })
  await cleo.fill({ Password: PASSPHRASE }, known)
  await cleo.press('Sign in', { within: known })
  await cleo.press('Accept the invitation')
  assert.equal(cleo.path(), organization)
}

async function changesSettings(ann, ben, organization) {
  await ann.open(`${organization}/settings`)
  await ann.fill({ Name: 'Nova Works' })
  await ann.press('Change the name')
  await ann.sees('The name was changed.')
  await ann.fill({ 'Time zone': 'Mars/Olympus' })
  await ann.press('Save', { status: 422 })
  await ann.mistakeOf('Time zone')
  await ann.fill({ 'Time zone': 'Asia/Tokyo' })
  await ann.press('Save')
  await ann.sees('The settings were saved.')
  await ben.open(`${organization}/settings`)
  await ben.sees('Nova Works', 'Asia/Tokyo')
  assert.equal(await ben.has('Save', 'button'), false)
  await ben.open(`${organization}/billing`, 403)
  await ann.open(`${organization}/billing`)
  await ann.sees('Members: 3')
  await ann.open(`${organization}/audit-log`)
  await ann.fill({ What: 'Member role changed' })
  await ann.press('Show')
  assert.match(await ann.main().getByRole('row').nth(1).innerText(), /Ann[^]*Member role changed/)
}

async function leaves(ben, organization) {
  await ben.open(`${organization}/members`)
  await ben.follow('Leave the organization')
  await ben.press('Leave the organization')
  await ben.sees('You left the organization.')
  await ben.open(organization, 404)
}

// The last owner can't leave; a transfer makes another one.
async function handsOver(ann, cleo, organization) {
  await ann.open(`${organization}/members/leave`)
  await ann.press('Leave the organization', { status: 422 })
  await ann.sees('Make another member an owner first.')
  await ann.open(`${organization}/members`)
  await ann.follow('Cleo')
  await ann.follow('Transfer the organization to this person')
  await ann.press('Transfer the organization')
  await ann.sees('The organization has a new owner. You are an admin now.')
  await cleo.open(`${organization}/members`)
  await cleo.follow('Ann')
  await cleo.follow('Remove from the organization')
  await cleo.press('Remove the member')
  await cleo.sees('The person is no longer a member.')
  await ann.open(organization, 404)
}

async function deletes(cleo, organization, slug) {
  await cleo.open(`${organization}/settings`)
  await cleo.follow('Delete the organization')
  await cleo.sees('2 projects', '1 membership', "This can't be undone.")
  await cleo.fill({ Slug: 'another' })
  await cleo.press('Delete the organization', { status: 422 })
  await cleo.mistakeOf('Slug')
  await cleo.fill({ Slug: slug })
  await cleo.press('Delete the organization')
  assert.equal(cleo.path(), '/organizations')
  await cleo.sees('The organization was deleted.')
  await cleo.open(organization, 404)
}

async function deadInvitations(scene) {
  const server = await scene.server('saas')
  const ann = await scene.person(server)
  const ben = await scene.person(server)
  await ann.signUp('Ann', 'ann@dead.example')
  await ben.signUp('Ben', 'ben@dead.example')
  const organization = await ann.createOrganization('Full house', 'full-house')
  const invite = async (email) => {
    await ann.open(`${organization}/members/invite`)
    const one = ann.section('One person')
    await ann.fill({ 'E-mail address': email, Role: 'Member' }, one)
    await ann.press('Invite the person', { within: one })
    return ann.field('Link').inputValue()
  }

  const link = await invite('ben@dead.example')
  const forAnother = await invite('cleo@dead.example')
  await ben.openInvitation(forAnother)
  await ben.press('Accept the invitation', { status: 403 })
  await ben.sees('This invitation is for another e-mail address')
  await server.command(['org', 'limits', 'full-house', 'seats=1'])
  await ben.openInvitation(link)
  await ben.press('Accept the invitation', { status: 409 })
  assert.equal(await ben.heading(), 'The organization is full')

  await ann.open(`${organization}/members/invitations`)
  const revoke = ann.row('ben@dead.example').getByRole('link', { name: /^Revoke/ })
  await ann.arrive(200, () => revoke.click())
  await ann.press('Revoke the invitation')
  await ben.openInvitation(link, 410)
  assert.equal(await ben.heading(), 'This invitation was withdrawn')
  await ben.openInvitation(link.replace(/.{6}$/, 'AAAAAA'), 404)
  assert.equal(await ben.heading(), 'This link leads nowhere')
}
