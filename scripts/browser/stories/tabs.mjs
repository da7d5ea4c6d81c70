// Several organizations of one person.

import assert from 'node:assert/strict'

export const stories = [
  ['two tabs in two organizations', twoTabs],
  ['the picker with the keyboard', pickerWithTheKeyboard],
]

async function twoTabs(scene) {
  const server = await scene.server('saas')
  const first = await scene.person(server)
  await first.signUp('Tia', 'tia@example.com')
  const red = await first.createOrganization('Red', 'tia-red')
  const blue = await first.createOrganization('Blue', 'tia-blue')
  const second = await first.secondTab()

  // Each tab works in its own organization, whichever was opened last.
  await first.open(`${red}/projects/new`)
  await second.open(`${blue}/projects/new`)
  await first.fill({ Name: 'Of red' })
  await second.fill({ Name: 'Of blue' })
  await first.press('Create the project')
  await second.press('Create the project')
  await first.open(`${red}/projects`)
  await second.open(`${blue}/projects`)
  await first.sees('Of red')
  await first.seesNot('Of blue')
  await second.sees('Of blue')
  await second.seesNot('Of red')
  const project = new URL(await first.main().getByRole('link', { name: 'Of red' }).getAttribute('href'), server.address)
  await second.open(project.pathname.replace(red, blue), 404)

  // Looking at an organization does not pick it; the picker does.
  const home = async () => {
    await second.open('/')
    return second.path()
  }
  const before = await home()
  const other = before === red ? blue : red
  await first.open(other)
  assert.equal(await home(), before)
  await first.press(other === red ? 'Red owner' : 'Blue owner', { within: await first.openMenu('picker') })
  assert.equal(first.path(), other)
  assert.equal(await home(), other)
}

async function pickerWithTheKeyboard(scene) {
  const server = await scene.server('saas')
  const kim = await scene.person(server)
  await kim.signUp('Kim', 'kim@example.com')
  for (let at = 1; at <= 8; at += 1) await kim.createOrganization(`Team ${at}`, `kim-team-${at}`)
  const { keyboard } = kim.page
  const focused = () => kim.page.evaluate(() => document.activeElement.textContent.trim())

  await keyboard.press('Tab')
  assert.equal(await focused(), 'Skip to the content')
  await keyboard.press('Tab')
  await keyboard.press('Enter')
  const picker = kim.page.locator('details.picker')
  assert.notEqual(await picker.getAttribute('open'), null)
  await keyboard.press('Escape')
  assert.equal(await picker.getAttribute('open'), null)
  await keyboard.press('Enter')
  await keyboard.press('Tab')
  await keyboard.type('team 5')
  assert.deepEqual(await picker.getByRole('button').allInnerTexts(), ['Team 5 owner'])
  await keyboard.press('Tab')
  await kim.arrive(200, () => keyboard.press('Enter'))
  assert.equal(kim.path(), '/o/kim-team-5')
}
