// How a page must look: readable for everyone, in both colour schemes and at every width.

import { createRequire } from 'node:module'

const axe = createRequire(import.meta.url)('axe-core').source

// What is wrong with the page that is open, after its menus are opened.
export async function judgeLook(page) {
  const faults = []
  await openMenus(page)
  await page.evaluate(axe)
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    const { violations, passes } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }))
    if (passes.length === 0) faults.push(`${colorScheme}: nothing was checked`)
    for (const { id, impact, nodes } of violations) {
      if (!['serious', 'critical'].includes(impact)) continue
      const places = nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} (${node.failureSummary.split('\n')[1]?.trim()})`)
      faults.push(`${colorScheme}: ${id}: ${places.join(' | ')}`)
    }
  }
  await page.emulateMedia({ colorScheme: null })
  faults.push(...await judgeWidths(page))
  return faults
}

// Nothing may be wider than the window; a wide table scrolls in its own box.
export async function judgeWidths(page, widths = [320, 1280, 1600]) {
  const faults = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 })
    const [content, window, wide] = await page.evaluate(() => {
      const root = document.documentElement
      const isBoxed = (element) => element.closest('.scroll') !== null && !element.matches('.scroll')
      const wide = [...document.querySelectorAll('body *')].filter((element) =>
        !isBoxed(element) && element.checkVisibility() && element.getBoundingClientRect().right > root.clientWidth + 1)
      return [root.scrollWidth, root.clientWidth, wide.map((element) => element.outerHTML.slice(0, 120))]
    })
    if (content > window) faults.push(`${content} wide at ${width}: ${wide.slice(-1)}`)
  }
  await page.setViewportSize({ width: 1280, height: 800 })
  await openMenus(page, false)
  return faults
}

export async function openMenus(page, open = true) {
  await page.evaluate((open) => {
    for (const menu of document.querySelectorAll('details.menu')) menu.open = open
  }, open)
}
