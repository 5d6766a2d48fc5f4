import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Style sheets, scripts and the icon: all there is to fetch besides pages. */
export const ASSETS_FOLDER = fileURLToPath(new URL('../assets', import.meta.url))

const versions = new Map(
  readdirSync(ASSETS_FOLDER).map((name) => [name, hashOf(readFileSync(join(ASSETS_FOLDER, name)))]),
)

/** `/assets/base.css?v=…`: the address changes with the content, so it may be kept for ever. */
export function assetPath(name: string): string {
  return `/assets/${name}?v=${versions.get(name) ?? '0'}`
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12)
}
