import { fromBase64url, toBase64url } from './base64url.ts'
import { parseJson } from './json.ts'
import { KINDS, type Kind } from './kinds.ts'
import { Refusal } from './refusal.ts'
import { closed, HEX } from './shapes.ts'
import { type Shape, validate } from './validate.ts'

const KIND = { type: 'string', enum: Object.keys(KINDS) } as const
const TEXT = { type: 'string', maxLength: 6_000_000 } as const
const PAPER = closed({ kind: KIND, document: TEXT }, ['kind', 'document'])

/** Protocol 7: a document with everything that verifies it offline, given only a root fingerprint. */
export const PROOF = closed(
  {
    hanghui: { const: 'proof' },
    version: { const: 1 },
    kind: KIND,
    document: TEXT,
    roots: { type: 'array', items: TEXT, minItems: 1, maxItems: 1000 },
    directories: {
      type: 'array',
      maxItems: 64,
      items: closed({ directory: TEXT, parts: { type: 'array', items: TEXT, maxItems: 64 } }, ['directory', 'parts']),
    },
    related: { type: 'array', items: PAPER, maxItems: 64 },
    files: {
      type: 'array',
      maxItems: 200,
      items: closed({ path: { type: 'string', maxLength: 200 }, sha256: HEX }, ['path', 'sha256']),
    },
  },
  ['hanghui', 'version', 'kind', 'document', 'roots', 'directories', 'related', 'files'],
)

export type Proof = Shape<typeof PROOF>

/** A document with its kind. */
export interface Paper {
  readonly kind: Kind
  readonly document: string
}

/** What a keeper of evidence has on disk: the line of roots, and directory versions with their parts. */
export interface ProofMaterial {
  readonly roots: readonly string[]
  /** The directory in force at `seconds` with the parts that hold these certificates (thumbprints); undefined if none was kept. */
  directoryAt(
    seconds: number,
    thumbprints: readonly string[],
  ): { readonly directory: string; readonly parts: readonly Uint8Array[] } | undefined
}

/** Signature times and thumbprints of a paper, unverified: enough to pick the directories that go with it. */
export function decodeUnverifiedSignatures(document: string): { thumbprint: string; iat: number }[] {
  const decode = (segment: string) =>
    JSON.parse(Buffer.from(segment, 'base64url').toString()) as { kid: string; iat?: number }
  const thumbprintOf = (kid: string) => Buffer.from(kid, 'base64url').toString('hex')
  if (!document.startsWith('{')) {
    const [header = '', payload = ''] = document.split('.')
    return [{ thumbprint: thumbprintOf(decode(header).kid), iat: decode(payload).iat ?? 0 }]
  }
  const general = JSON.parse(document) as { signatures: { protected: string }[] }
  return general.signatures.map((one) => {
    const header = decode(one.protected)
    return { thumbprint: thumbprintOf(header.kid), iat: header.iat ?? 0 }
  })
}

/** The proof file of `main`, JSON text: with it the directories in force when it and its related papers were signed. */
export function makeProof(
  main: Paper,
  related: readonly Paper[],
  material: ProofMaterial,
  files: Proof['files'] = [],
): string {
  const directories = new Map<string, { directory: string; parts: string[] }>()
  for (const { document } of [main, ...related]) {
    const signatures = decodeUnverifiedSignatures(document)
    const thumbprints = signatures.map(({ thumbprint }) => thumbprint)
    // Of a directory of the same second nobody can say whether it came first: the one before it goes along.
    for (const at of signatures.flatMap(({ iat }) => [iat, iat - 1])) {
      const found = material.directoryAt(at, thumbprints)
      if (found === undefined) continue
      const known = directories.get(found.directory)
      const parts = new Set([...(known?.parts ?? []), ...found.parts.map(toBase64url)])
      directories.set(found.directory, { directory: found.directory, parts: [...parts] })
    }
  }
  const proof: Proof = {
    hanghui: 'proof',
    version: 1,
    kind: main.kind,
    document: main.document,
    roots: [...material.roots],
    directories: [...directories.values()],
    related: related.map(({ kind, document }) => ({ kind, document })),
    files,
  }
  return `${JSON.stringify(proof, null, 1)}\n`
}

/** Shape of a proof file; PROOF_INVALID. Trusts nothing in it. */
export function parseProof(text: string): Proof {
  try {
    return validate(PROOF, parseJson(Buffer.from(text)), 'PROOF_INVALID')
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal('PROOF_INVALID', { ...error.facts, cause: error.code })
    throw error
  }
}

/** The parts of one directory of a proof, as bytes. */
export function partsOfProof(parts: readonly string[]): Uint8Array[] {
  return parts.map(fromBase64url)
}
