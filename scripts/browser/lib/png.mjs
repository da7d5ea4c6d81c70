// Small pictures: a screenshot has few colours, so each pixel becomes one byte.

import { deflateSync, inflateSync, crc32 } from 'node:zlib'

const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')

// The same picture with the 256 colours that it has most of; the others become the nearest of them.
// Takes what Chromium makes: 8 bits for each channel.
export function shrink(png) {
  const { width, height, pixels } = decode(png)
  const counts = new Map()
  const colourAt = (at) => pixels.readUIntBE(at * 3, 3)
  for (let at = 0; at < width * height; at += 1) counts.set(colourAt(at), (counts.get(colourAt(at)) ?? 0) + 1)
  const colours = [...counts.keys()].sort((one, other) => counts.get(other) - counts.get(one))
  const palette = colours.slice(0, 256)
  const places = new Map(colours.map((colour, at) => [colour, at < 256 ? at : nearest(colour, palette)]))
  const rows = Buffer.alloc(height * (width + 1))
  for (let at = 0; at < width * height; at += 1) {
    rows[at + Math.floor(at / width) + 1] = places.get(colourAt(at))
  }
  return encode(width, height, palette, rows)
}

function nearest(colour, palette) {
  const channels = (colour) => [colour >> 16, colour >> 8 & 255, colour & 255]
  const wanted = channels(colour)
  const distances = palette.map((known) =>
    channels(known).reduce((sum, value, at) => sum + (value - wanted[at]) ** 2, 0))
  return distances.indexOf(Math.min(...distances))
}

function decode(png) {
  let header
  const parts = []
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at)
    const kind = png.toString('latin1', at + 4, at + 8)
    const data = png.subarray(at + 8, at + 8 + length)
    if (kind === 'IHDR') header = data
    if (kind === 'IDAT') parts.push(data)
    at += length + 12
  }
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)]
  const channels = { 2: 3, 6: 4 }[header[9]]
  const raw = inflateSync(Buffer.concat(parts))
  const stride = width * channels
  const pixels = Buffer.alloc(width * height * 3)
  let above = Buffer.alloc(stride)
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)]
    const row = Buffer.from(raw.subarray(y * (stride + 1) + 1, (y + 1) * (stride + 1)))
    for (let x = 0; x < stride; x += 1) {
      const left = x < channels ? 0 : row[x - channels]
      const corner = x < channels ? 0 : above[x - channels]
      row[x] += predicted(filter, left, above[x], corner)
      const channel = x % channels
      if (channel < 3) pixels[(y * width + (x - channel) / channels) * 3 + channel] = row[x]
    }
    above = row
  }
  return { width, height, pixels }
}

// The filters of PNG: what a byte is compared with.
function predicted(filter, left, above, corner) {
  if (filter === 0) return 0
  if (filter === 1) return left
  if (filter === 2) return above
  if (filter === 3) return (left + above) >> 1
  const guess = left + above - corner
  const [a, b, c] = [left, above, corner].map((value) => Math.abs(guess - value))
  if (a <= b && a <= c) return left
  return b <= c ? above : corner
}

function encode(width, height, palette, rows) {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits for each pixel, which name a colour of the palette.
  header.set([8, 3, 0, 0, 0], 8)
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, colour >> 8 & 255, colour & 255]))
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind, 'latin1'), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const content = deflateSync(rows, { level: 9 })
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', content), chunk('IEND', Buffer.alloc(0))])
}
