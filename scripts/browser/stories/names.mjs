// Names that would be code or would break a page, in every place where a name is shown.

import assert from 'node:assert/strict'
import { judgeWidths, openMenus } from '../lib/look.mjs'
import { PASSPHRASE } from '../lib/person.mjs'
import { PASSWORD } from '../lib/server.mjs'

const NAMES = [
  ['markup', '<img src=x onerror=alert(1) class=planted><script class=planted>alert(2)</script>'],
  ['quotes', `"><b class=planted x='y">'"\` onmouseover=alert(3) autofocus onfocus=alert(4) "`],
  ['templates', '{{7*7}} ${7*7} {% raw %} <%= 7*7 %> #{7*7} &lt;b class=planted&gt; </title></textarea></option>'],
  ['right to left', 'مرحبا بالعالم שלום עולם'],
  ['one long word', 'W'.repeat(255)],
]

export const stories = NAMES.map(([what, name]) => [`names with ${what}`, (scene) => names(scene, what.replaceAll(' ', '-'), name)])

async function names(scene, what, name) {
  const server = await scene.server('saas')
  // The list of sessions shows what a browser calls itself.
  const userAgent = /^[ -~]+$/.test(name) ? name : undefined
  const person = await scene.person(server, { userAgent })
  const email = `${what}@example.com`
  const faults = []
  // The page shows the name as it is, and nothing of it became a part of the page.
  const look = async () => {
    await openMenus(person.page)
    const { planted, texts } = await person.page.evaluate(() => ({
      planted: document.querySelectorAll('.planted, img, main script, b').length,
      texts: [document.body.innerText, document.title, ...[...document.querySelectorAll('input, textarea, option')].map((it) => it.value || it.text)],
    }))
    if (planted > 0) faults.push(`${person.page.url()}: ${planted} planted elements`)
    const plain = (text) => text.replaceAll(/\s+/g, ' ')
    if (!texts.some((text) => plain(text).includes(plain(name)))) faults.push(`${person.page.url()}: the name is not shown`)
    const widths = await judgeWidths(person.page, [320, 1280])
    faults.push(...widths.map((fault) => `${person.page.url()}: ${fault}`))
  }

  await person.signUp(name, email)
  await look()
  const organization = await person.createOrganization(name, `names-${what}`)
  await look()
  await person.createProject(organization, name, name)
  await look()
  await person.arrive(200, () => person.main().getByRole('rowheader').getByRole('link').click())
  await look()
  const project = person.path()
  const addresses = [
    organization, `${organization}/projects?q=${encodeURIComponent(name)}`, `${project}/delete`,
    `${organization}/members`, `${organization}/members/leave`, `${organization}/settings`,
    `${organization}/settings/delete`, `${organization}/audit-log`, '/organizations', '/account',
    '/account/sessions',
  ]
  for (const address of addresses) {
    await person.open(address)
    await look()
  }
  await changesWhatAnotherChanged(person, project, name)
  await look()
  await person.open(`${organization}/members`)
  await person.arrive(200, () => person.main().getByRole('rowheader').getByRole('link').click())
  await look()
  await person.open(`${organization}/members/invite`)
  await person.press('Make a link')
  await person.openInvitation(await person.field('Link').inputValue())
  await look()
  await person.open('/account/tokens')
  await person.fill({ Name: name, Organization: name.replaceAll(/\s+/g, ' ').trim() })
  await person.press('Create the token')
  await look()
  // Typed in again after a mistake.
  await person.context.clearCookies()
  await person.open('/signup')
  await person.fill({ Name: name, 'E-mail address': email, Password: PASSPHRASE })
  await person.press('Create the account', { status: 422 })
  await look()

  server.operator ??= server.account('root@example.com', 'Root', '--superuser')
  await server.operator
  await person.signIn('root@example.com', PASSWORD)
  const filter = `?q=${encodeURIComponent(`names-${what}`)}`
  await person.open(`/admin/organizations${filter}`)
  await look()
  await person.arrive(200, () => person.main().getByRole('rowheader').getByRole('link').first().click())
  await look()
  await person.follow('Members')
  await look()
  await person.open(`/admin/people?q=${encodeURIComponent(email)}`)
  await look()
  await person.follow(email)
  await look()
  await person.open('/admin/report')
  await look()
  assert.deepEqual(faults, [])
}

async function changesWhatAnotherChanged(person, project, name) {
  const other = await person.secondTab()
  await person.open(project)
  await other.open(project)
  await other.fill({ Description: `${name} of another` })
  await other.press('Save')
  await person.fill({ Description: `${name} again` })
  await person.press('Save', { status: 412 })
  await other.page.close()
}
