import { parseJsonText } from '#schemas/json.ts'
import { Refusal } from '#schemas/refusal.ts'
import { askJose } from '#schemas/second-opinion.ts'
import { type ProofVerdict, verifyProof } from '#schemas/verify-proof.ts'
import { type CheckedDocument, checkDocument, type KnownSigners, namedCertificates } from './check-document.ts'

/** A file that somebody handed in: its hash, and its content where it is short enough to be a document. */
export interface HandedIn {
  readonly name: string
  /** Hex. */
  readonly sha256: string
  readonly content?: Uint8Array | undefined
}

/** What was found: a proof file is judged by itself, a single document by what this hub knows. */
export type HandedInVerdict =
  | {
      readonly proof: ProofVerdict
      readonly name: string
      /** Data files that it names and that were not handed in with it. */
      readonly missing: readonly string[]
      /** Everything signed holds; those files alone could not be compared. */
      readonly onlyMissing: boolean
    }
  | { readonly document: CheckedDocument; readonly name: string }

/** What a check needs to know beyond the files: the newest root, and who stands behind the certificates that a document names. */
export interface HandedInTrust {
  readonly fingerprint: string
  findSigners(thumbprints: readonly string[]): Promise<KnownSigners>
}

/**
 * Checks what was handed in: a proof file with the data files beside it (Protocol 7, the same as `hanghui verify`), or one
 * signed document. DOCUMENT_KIND when there is neither among the files.
 */
export async function checkHandedIn(handed: readonly HandedIn[], trust: HandedInTrust): Promise<HandedInVerdict> {
  for (const { name, content } of handed) {
    const text = content === undefined ? '' : textOf(content)
    const form = formOf(text)
    if (form === 'document')
      return { name, document: checkDocument(await trust.findSigners(namedCertificates(text)), text) }
    if (form === 'proof') {
      const hashes = new Map(handed.map((file) => [file.name, file.sha256]))
      const proof = await verifyProof(text, trust.fingerprint, (path) => Promise.resolve(hashes.get(path)), askJose)
      const failed = proof.checks.filter(({ ok }) => !ok).map((check) => check.name)
      const files = failed.filter((check) => check.startsWith('file ')).map((check) => check.slice('file '.length))
      const missing = files.filter((path) => !hashes.has(path))
      return { name, proof, missing, onlyMissing: failed.length > 0 && missing.length === failed.length }
    }
  }
  throw new Refusal('DOCUMENT_KIND', {
    rule: 'a proof file or a signed document',
    detail: {
      zh: '其中没有证明文件（.proof.json）也没有签名文件',
      en: 'There is neither a proof file (.proof.json) nor a signed document among them',
    },
  })
}

/** Empty for what is no text at all: a data file, then. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim()
  } catch {
    return ''
  }
}

/** What a text looks like; the strict readers judge it afterwards. */
function formOf(text: string): 'proof' | 'document' | undefined {
  if (/^eyJ[\w-]*\.[\w-]*\.[\w-]*$/.test(text)) return 'document'
  if (!text.startsWith('{')) return undefined
  try {
    const value = parseJsonText(text) as Record<string, unknown>
    if ('signatures' in value && 'payload' in value) return 'document'
    return 'hanghui' in value ? 'proof' : undefined
  } catch {
    return undefined
  }
}
