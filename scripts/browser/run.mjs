// Runs the stories, one after the other, and prints a line for each.

import { readdirSync } from 'node:fs'
import { Stage } from './lib/stage.mjs'

const wanted = process.argv[2] ?? ''
const folder = new URL('./stories/', import.meta.url)
const stories = []
for (const file of readdirSync(folder).sort()) {
  const module = await import(new URL(file, folder))
  stories.push(...module.stories.map(([name, run]) => ({ name: `${file.replace('.mjs', '')}: ${name}`, run })))
}

const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1).padStart(5)
const stage = await Stage.open()
const start = Date.now()
let passed = 0
let failed = 0
for (const { name, run } of stories.filter(({ name }) => name.includes(wanted))) {
  const begin = Date.now()
  try {
    await run(stage)
    await stage.end()
    passed += 1
    console.log(`${seconds(begin)} s  ${name}`)
  } catch (error) {
    failed += 1
    console.log(`${seconds(begin)} s  FAILED ${name}\n${error.stack}`)
    await stage.abandon(name)
  }
}
await stage.close()
console.log(`${seconds(start)} s  ${process.env.DATABASE}: ${passed} stories passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
