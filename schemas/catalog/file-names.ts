import { isDisplayText } from './display-text.ts'

/** Hidden, read as an option, cut short by Windows, or full of what shells and file systems take for their own. */
const UNSAFE = /^[.-]|\.$|[<>:"/\\|?*]/
/** What Windows takes for a device, whatever follows the dot. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d¹²³]) *(?:\.|$)/i
/** As long as file systems take them. */
const MOST_BYTES = 255

/** A name that a file may bear in anybody's folder, on every system. */
export function isFileName(name: string): boolean {
  return isDisplayText(name) && !UNSAFE.test(name) && !DEVICE.test(name) && Buffer.byteLength(name) <= MOST_BYTES
}

/** Equal for names that some file system takes for the same. */
export function foldFileName(name: string): string {
  return name.normalize('NFC').toLowerCase().toUpperCase()
}

/** Among the names of one version, the first that is none, or that would overwrite one before it. */
export function findBadFileName(names: readonly string[]): string | undefined {
  const folded = new Set<string>()
  return names.find((name) => !isFileName(name) || folded.size === folded.add(foldFileName(name)).size)
}
