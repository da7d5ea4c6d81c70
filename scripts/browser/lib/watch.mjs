// What must hold on every page, whatever a story does there.

// Starts to collect what is wrong in a browser profile. `servers` are the addresses that may be asked.
export function watch(context, servers) {
  const faults = []
  const requests = []
  context.on('console', (message) => {
    // A failed response is judged where it arrives.
    const isStatus = message.text().startsWith('Failed to load resource')
    if (['error', 'warning'].includes(message.type()) && !isStatus) {
      faults.push(`console of ${message.location().url}: ${message.text()}`)
    }
  })
  context.on('weberror', (error) => faults.push(`script: ${error.error()}`))
  context.on('dialog', (dialog) => {
    faults.push(`a dialog opened: ${dialog.message()}`)
    dialog.dismiss()
  })
  context.on('request', (request) => {
    requests.push(request)
    if (!servers.includes(new URL(request.url()).origin)) faults.push(`a request to ${request.url()}`)
  })
  context.on('requestfailed', (request) => {
    const failure = request.failure()?.errorText
    // A page that is left before its files arrived.
    if (failure !== 'net::ERR_ABORTED') faults.push(`${request.url()}: ${failure}`)
  })
  context.on('response', (response) => {
    const request = response.request()
    // The script of passkeys asks the API.
    if (request.isNavigationRequest() || new URL(request.url()).pathname.startsWith('/api/')) return
    const caching = response.headers()['cache-control'] ?? ''
    if (response.status() !== 200) faults.push(`${request.url()}: ${response.status()}`)
    if (!caching.includes('immutable')) faults.push(`${request.url()} is not kept by the browser: ${caching}`)
  })
  return { faults, requests }
}

const TAG = /<([a-z][a-z0-9-]*)((?:\s+[^\s"'>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*\/?>/gi
const ATTRIBUTE = /([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g

// What is wrong with a page as the server sent it.
export function judgePage(headers, html) {
  const faults = []
  const policy = headers['content-security-policy'] ?? ''
  if (!policy.includes("default-src 'none'") || /unsafe|\*|https?:/.test(policy)) faults.push(`policy: ${policy}`)
  if (headers['cache-control'] !== 'no-store') faults.push(`cache-control: ${headers['cache-control']}`)
  if (!/<html lang="en">/.test(html)) faults.push('the page has no language')
  const headings = html.match(/<h1[ >]/g)?.length ?? 0
  if (headings !== 1) faults.push(`${headings} headings of the first level`)
  for (const [tag, name, rest] of html.matchAll(TAG)) {
    const attributes = new Map([...rest.matchAll(ATTRIBUTE)].map(([, key, ...values]) => [
      key.toLowerCase(), values.find((value) => value !== undefined) ?? '',
    ]))
    const isInline = name === 'style' || (name === 'script' && !attributes.has('src'))
    const hasCode = [...attributes].some(([key, value]) =>
      key === 'style' || key.startsWith('on') || /^\s*(javascript|data|https?):|^\/\//i.test(
        ['href', 'src', 'action', 'formaction'].includes(key) ? value : ''))
    if (isInline || hasCode) faults.push(`inline or foreign: ${tag.slice(0, 200)}`)
  }
  return faults
}
