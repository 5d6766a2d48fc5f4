import { parseDocument } from '#schemas/document.ts'
import { makeProof } from '#schemas/proof.ts'
import type { Exchange } from '../exchange.ts'
import { createDirectories, type Directories } from '../store/directories.ts'

/** A signer may be quicker than the directory that registers it: so many later ones are looked at. */
const laterOnes = 20

/** Makes the proof file of a published entry: it verifies offline, given the root's fingerprint alone (Protocol 7). */
export function proveEntry(x: Exchange): (text: string) => string {
  const directories = createDirectories(x.db)
  return (text) =>
    makeProof({ kind: 'catalog-entry', document: text }, [], {
      roots: x.trust.roots().map((root) => root.text),
      directoryAt: (seconds, thumbprints) => findDirectory(directories, seconds, thumbprints),
    })
}

function findDirectory(directories: Directories, seconds: number, thumbprints: readonly string[]) {
  const inForce = directories.inForceAt(seconds)
  for (const row of [...(inForce === undefined ? [] : [inForce]), ...directories.issuedAfter(seconds, laterOnes)]) {
    const parts = partsWith(directories, row.text, thumbprints)
    if (parts.length > 0) return { directory: row.text, parts }
  }
  return inForce && { directory: inForce.text, parts: [] }
}

/** Of a directory's parts those that register one of these certificates: thumbprints stand in their bytes as they are. */
function partsWith(directories: Directories, text: string, thumbprints: readonly string[]): Buffer[] {
  return parseDocument('directory', text)
    .payload.parts.map((hash) => directories.findPart(hash))
    .filter((bytes) => bytes !== undefined)
    .filter((bytes) => thumbprints.some((one) => bytes.includes(one)))
}
