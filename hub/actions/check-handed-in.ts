import { parseJsonText } from '#schemas/json.ts'
import { Refusal } from '#schemas/refusal.ts'
import { askJose } from '#schemas/second-opinion.ts'
import { type ProofVerdict, verifyProof } from '#schemas/verify-proof.ts'
import type { Exchange } from '../exchange.ts'
import { type CheckedDocument, checkDocument } from './check-document.ts'

/** A file that somebody handed in: its hash, and its text where it is short enough to be a document. */
export interface HandedIn {
  readonly name: string
  /** Hex. */
  readonly sha256: string
  readonly text?: string | undefined
}

/** What was found: a proof file is judged by itself, a single document by what this hub knows. */
export type HandedInVerdict =
  | {
      readonly proof: ProofVerdict
      readonly name: string
      /** Everything signed holds; data files that it names were not handed in with it. */
      readonly onlyMissing: boolean
    }
  | { readonly document: CheckedDocument; readonly name: string }

/**
 * Checks what was handed in: a proof file with the data files beside it (Protocol 7, the same as `hanghui verify`), or one
 * signed document. DOCUMENT_KIND when there is neither among the files.
 */
export async function checkHandedIn(x: Exchange, files: readonly HandedIn[]): Promise<HandedInVerdict> {
  for (const { name, text } of files) {
    const form = text === undefined ? undefined : formOf(text)
    if (form === 'document') return { name, document: checkDocument(x, (text as string).trim()) }
    if (form === 'proof') {
      const hashes = new Map(files.map((file) => [file.name, file.sha256]))
      const proof = await verifyProof(
        text as string,
        x.trust.roots().at(-1)?.fingerprint ?? '',
        (path) => Promise.resolve(hashes.get(path)),
        askJose,
      )
      const failed = proof.checks.filter(({ ok }) => !ok).map((check) => check.name)
      const onlyMissing = failed.every((check) => check.startsWith('file ') && !hashes.has(check.slice('file '.length)))
      return { name, proof, onlyMissing: failed.length > 0 && onlyMissing }
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

/** What a text looks like; the strict readers judge it afterwards. */
function formOf(text: string): 'proof' | 'document' | undefined {
  const trimmed = text.trim()
  if (/^eyJ[\w-]*\.[\w-]*\.[\w-]*$/.test(trimmed)) return 'document'
  if (!trimmed.startsWith('{')) return undefined
  try {
    const value = parseJsonText(trimmed) as Record<string, unknown>
    if ('signatures' in value && 'payload' in value) return 'document'
    return 'hanghui' in value ? 'proof' : undefined
  } catch {
    return undefined
  }
}
