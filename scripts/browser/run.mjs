// Runs the stories, a few at the same time, and prints a line for each.

import { readdirSync } from 'node:fs'
import { Scene, Stage } from './lib/stage.mjs'

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
const waiting = stories.filter(({ name }) => name.includes(wanted))
const count = { passed: 0, failed: 0 }

async function runStory({ name, run }) {
  const begin = Date.now()
  const scene = new Scene(stage)
  try {
    await run(scene)
    await scene.end()
    count.passed += 1
    console.log(`${seconds(begin)} s  ${name}`)
  } catch (error) {
    count.failed += 1
    console.log(`${seconds(begin)} s  FAILED ${name}\n${error.stack}`)
    await scene.abandon(name)
  }
}

async function worker() {
  for (let story = waiting.shift(); story; story = waiting.shift()) await runStory(story)
}

await Promise.all(Array.from({ length: Number(process.env.JOBS ?? 3) }, worker))
await stage.close()
console.log(`${seconds(start)} s  ${process.env.DATABASE}: ${count.passed} stories passed, ${count.failed} failed`)
process.exitCode = count.failed > 0 || count.passed === 0 ? 1 : 0
