// Writes the pictures of docs/pages: main pages of the demo world, wide and narrow.

import { mkdirSync, writeFileSync } from 'node:fs'
import { shrink } from './lib/png.mjs'
import { Scene, Stage } from './lib/stage.mjs'
import { PASSWORD } from './lib/server.mjs'

const { PICTURES } = process.env
const SHOTS = [
  ['projects', 'olivia', '/o/acme/projects'],
  ['operators', 'root', '/admin/organizations', 'dark'],
  ['members', 'olivia', '/o/acme/members'],
  ['audit-log', 'olivia', '/o/acme/audit-log'],
]
const WIDTHS = [[1280, 640], [375, 640]]

const stage = await Stage.open()
const scene = new Scene(stage)
try {
  mkdirSync(PICTURES, { recursive: true })
  const server = await scene.demo()
  for (const [name, who, path, colorScheme = 'light'] of SHOTS) {
    const person = await scene.person(server, { colorScheme })
    await person.signIn(`${who}@example.com`, PASSWORD)
    for (const [width, height] of WIDTHS) {
      await person.page.setViewportSize({ width, height })
      await person.open(path)
      const file = `${PICTURES}/${name}-${width}.png`
      const picture = shrink(await person.page.screenshot())
      writeFileSync(file, picture)
      console.log(`${picture.length} ${file}`)
    }
  }
  await scene.end()
} finally {
  await stage.close()
}
