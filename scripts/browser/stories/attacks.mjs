// What another site, or the next person at the same machine, tries.

import assert from 'node:assert/strict'
import { form, otherSite } from '../lib/other_site.mjs'
import { PASSPHRASE } from '../lib/person.mjs'

export const stories = [
  ['the page after a sign-in is one of this server', nextPages],
  ['forms of another site are refused', foreignForms],
  ['no other site shows a page in a frame', frames],
  ['going back after signing out shows nothing', goingBack],
]

async function nextPages(scene) {
  const server = await scene.server('saas')
  const eve = await scene.person(server)
  await eve.signUp('Eve', 'eve-next@example.com')
  const organization = await eve.createOrganization('Eve', 'eve-next')
  await eve.signOut()
  const bad = [
    '//evil.example', 'https://evil.example', 'https:evil.example', 'https:/evil.example', '\\\\evil.example',
    '/\\evil.example', '/\t/evil.example', '///evil.example', 'javascript:alert(1)',
    'data:text/html,x', '@evil.example', '.evil.example', '/\r\n/evil.example',
  ]
  for (const next of bad) {
    // As the link of an attacker, and as a field that was changed.
    await eve.open(`/login?next=${encodeURIComponent(next)}`)
    await eve.main().locator('form[action="/login"]').evaluate((form, next) => {
      const field = form.elements.next ?? form.appendChild(Object.assign(document.createElement('input'), { name: 'next' }))
      field.value = next
    }, next)
    await eve.fill({ 'E-mail address': 'eve-next@example.com', Password: PASSPHRASE })
    await eve.press('Sign in', { within: eve.main() })
    assert.equal(eve.page.url(), `${server.address}${organization}`, next)
    await eve.context.clearCookies()
  }
  for (const raw of ['/login?next=/%09/evil.example', '/login?next=//evil.example', '/signup?next=\\\\evil.example']) {
    await eve.open(raw)
    assert.equal(await eve.main().locator('input[name=next]').count(), 0, raw)
  }
  // One who is signed in already is not sent away either.
  await eve.signIn('eve-next@example.com', PASSPHRASE, `/login?next=${organization}/projects`)
  assert.equal(eve.path(), `${organization}/projects`)
  await eve.open('/login?next=//evil.example')
  assert.equal(eve.path(), organization)
}

async function foreignForms(scene) {
  const server = await scene.server('saas')
  const site = await otherSite({
    '/login': form(`${server.address}/login`, { email: 'mallory@example.com', password: PASSPHRASE }),
    '/signup': form(`${server.address}/signup`, { name: 'M', email: 'm2@example.com', password: PASSPHRASE }),
    '/logout': form(`${server.address}/logout`),
    '/organization': form(`${server.address}/organizations`, { name: 'Planted', slug: 'planted' }),
  })
  try {
    const mallory = await scene.person(server)
    await mallory.signUp('Mallory', 'mallory@example.com')
    const victim = await scene.person(server, { foreign: site.origins })
    const win = async (origin, path, status = 403) => {
      await victim.page.goto(`${origin}${path}`)
      await victim.press('Win a prize', { status })
    }
    for (const origin of site.origins) {
      await win(origin, '/login')
      await win(origin, '/signup')
      assert.deepEqual(await victim.context.cookies(), [])
    }
    await victim.signUp('Victor', 'victim@example.com')
    // A browser sends no cookie with a form of another site, which leads to the login and from there
    // to where the person was. From another port of this site it does.
    for (const [origin, status] of [[site.origins[0], 200], [site.origins[1], 403]]) {
      await win(origin, '/logout', status)
      await win(origin, '/organization', status)
      await victim.open('/organizations')
      await victim.sees('You are in no organization yet.')
    }
  } finally {
    site.close()
  }
}

async function frames(scene) {
  const server = await scene.server('saas')
  const paths = ['/', '/login', '/account', '/nothing', '/docs']
  const pages = Object.fromEntries(paths.map((path) => [path, `<iframe src="${server.address}${path}"></iframe>`]))
  const site = await otherSite(pages)
  try {
    const victim = await scene.person(server, { foreign: site.origins })
    await victim.signUp('Vera', 'vera@example.com')
    for (const origin of site.origins) {
      for (const path of paths) {
        victim.faults.length = 0
        await victim.page.goto(`${origin}${path}`)
        const [, frame] = victim.page.frames()
        const shown = await frame.locator('body').innerText().catch(() => '')
        assert.ok(!/Tenantry|Sign in|Vera/.test(shown), `${path} is shown in a frame: ${shown}`)
        assert.match(victim.faults.join('\n'), /frame-ancestors|X-Frame-Options/i, path)
      }
    }
    victim.faults.length = 0
  } finally {
    site.close()
  }
}

async function goingBack(scene) {
  const server = await scene.server('saas')
  const bo = await scene.person(server)
  await bo.signUp('Bo', 'bo@example.com')
  const organization = await bo.createOrganization('Secret plans', 'bo-plans')
  await bo.createProject(organization, 'Moon base')
  await bo.open(`${organization}/projects`)
  await bo.signOut()
  for (let steps = 0; steps < 3; steps += 1) {
    await bo.page.goBack()
    await bo.page.waitForLoadState()
    assert.equal(bo.path(), '/login')
    await bo.seesNot('Secret plans', 'Moon base', 'bo@example.com')
  }
}
