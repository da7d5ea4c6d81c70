// Another site, which tries to make a browser do something here.

import { createServer } from 'node:http'
import { once } from 'node:events'

// Serves pages by their path: `localhost` is another site for a browser than `127.0.0.1`, and another
// port of the same host is another origin of the same site.
export async function otherSite(pages) {
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8')
    const page = pages[new URL(request.url, 'http://x').pathname]
    response.statusCode = page === undefined ? 404 : 200
    response.end(`<!doctype html><title>Elsewhere</title>${page ?? ''}`)
  })
  server.listen(0)
  await once(server, 'listening')
  const { port } = server.address()
  return {
    origins: [`http://localhost:${port}`, `http://127.0.0.1:${port}`],
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

// A form that posts fields to an address.
export function form(action, fields = {}) {
  const inputs = Object.entries(fields).map(([name, value]) => `<input name="${name}" value="${value}">`)
  return `<form method="post" action="${action}">${inputs.join('')}<button>Win a prize</button></form>`
}
