import { parseDocument } from '#schemas/document.ts'
import type { ProofMaterial } from '#schemas/proof.ts'
import { decodeUnverifiedSignatures } from '#schemas/proof.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Certificates } from '../store/certificates.ts'
import type { DirectoryRow, TrustTexts } from '../store/trust-texts.ts'

const SEARCHED = 200

/**
 * Protocol 7: roots and directories as kept. The directory in force is the newest one not after the moment; where that one
 * does not hold the signer yet (it reached us after it was signed), the first later one that does.
 */
export function createProofMaterial({
  trust,
  texts,
}: {
  readonly trust: Trust
  readonly texts: TrustTexts
}): () => ProofMaterial {
  function partsWith({ text }: DirectoryRow, thumbprints: readonly string[]): Uint8Array[] {
    const parts = parseDocument('directory', text).payload.parts.map((hash) => texts.findPart(hash))
    // Thumbprints are hex and stand in a part as they are: a search of the bytes finds them.
    return parts
      .filter((bytes) => bytes !== undefined)
      .filter((bytes) => thumbprints.some((one) => bytes.includes(one)))
  }

  function find(rows: readonly DirectoryRow[], thumbprints: readonly string[]) {
    for (const row of rows) {
      const parts = partsWith(row, thumbprints)
      const held = thumbprints.filter((one) => parts.some((bytes) => Buffer.from(bytes).includes(one)))
      if (held.length > 0) return { directory: row.text, parts }
    }
    return undefined
  }

  return () => ({
    roots: trust.roots().map(({ text }) => text),
    directoryAt(seconds, thumbprints) {
      const before = texts.directoriesBefore(seconds, SEARCHED)
      const inForce = before.slice(0, 1)
      const found =
        find(inForce, thumbprints) ??
        find(texts.directoriesAfter(seconds, SEARCHED), thumbprints) ??
        find(before.slice(1), thumbprints)
      if (found !== undefined) return found
      const [row] = inForce
      return row && { directory: row.text, parts: [] }
    },
  })
}

/** Contract, Old signatures: with a kept paper its signers' certificates and the directory of its time. */
export function createPinPaper({
  certificates,
  texts,
}: {
  readonly certificates: Certificates
  readonly texts: TrustTexts
}): (text: string) => void {
  return (text) => {
    for (const { thumbprint, iat } of decodeUnverifiedSignatures(text)) {
      certificates.pin(thumbprint)
      texts.pinDirectoryAt(iat)
    }
  }
}
