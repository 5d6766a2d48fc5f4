import { findBadFileName } from '#schemas/catalog/file-names.ts'
import { onlySignature, parseDocument, verifySignature } from '#schemas/document.ts'
import type { Manifest, Terms } from '#schemas/kinds.ts'
import { Refusal } from '#schemas/refusal.ts'
import { markVerified, type Verified } from '#schemas/verified.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { AgreedLine } from './read-agreed-line.ts'

/** A manifest whose owner's signature holds. */
export interface VerifiedManifest {
  readonly id: string
  readonly text: string
  readonly payload: Manifest
}

/** What the consumer asked for. */
export interface WantedManifest {
  readonly dataset: string
  readonly version?: number
  readonly id?: string
}

/** Protocol 6.4, consumer's side: of the dataset and version asked for, signed by the owner in the line we agreed with. */
export async function verifyManifest(
  text: string,
  wanted: WantedManifest,
  line: AgreedLine,
  { trust, keys }: Pick<ExchangeDeps, 'trust' | 'keys'>,
): Promise<Verified<VerifiedManifest>> {
  const document = parseDocument('manifest', text)
  const { id, payload } = document
  trust.requireNet(payload.net)
  const { dataset, version = payload.version, id: wantedId = id } = wanted
  if (!(payload.dataset === dataset && payload.version === version && id === wantedId))
    throw new Refusal('MANIFEST_MISMATCH', {
      wanted: { ...wanted },
      is: { dataset: payload.dataset, version: payload.version },
    })
  if (!(payload.version >= line.entry.payload.version))
    throw new Refusal('SCOPE_EXCEEDED', { version: payload.version, from: line.entry.payload.version })
  // Nothing that the owner signs may hide in our folders, nor one file take another's place.
  const file = findBadFileName(payload.files.map(({ path }) => path))
  if (file !== undefined) throw new Refusal('FILE_NAME_INVALID', { file })
  const signature = onlySignature(document)
  const signer = keys.member(signature.thumbprint, payload.iat)
  if (!(signer.member === line.owner)) throw new Refusal('SIGNER_FORBIDDEN', { signer: signer.member })
  verifySignature(signature, signer.publicKey)
  await line.requireOwner(signature.thumbprint)
  return markVerified({ id, text, payload })
}

/** Files of a version that the agreement covers, with their place in the manifest. */
export function filesInScope({ files }: Manifest, terms: Terms) {
  return files
    .map((file, n) => ({ n, file }))
    .filter(({ file }) => terms.files === 'all' || terms.files.includes(file.path))
}
