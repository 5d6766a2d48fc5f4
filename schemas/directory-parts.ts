import { DIRECTORY_PART } from './documents/trust.ts'
import { sha256 } from './hash.ts'
import { parseJson } from './json.ts'
import type { MemberEntry, RegisteredCertificate } from './kinds.ts'
import { Refusal } from './refusal.ts'
import { validate } from './validate.ts'

/** A certificate as the directory registers it, with its member. */
export interface Listed {
  readonly member: MemberEntry
  readonly registered: RegisteredCertificate
}

/** What one part says, ready to be looked up. */
export interface DirectoryPart {
  readonly members: readonly MemberEntry[]
  readonly certificates: readonly Listed[]
}

/** The verified parts of a directory by their hash. */
export type DirectoryParts = ReadonlyMap<string, DirectoryPart>

/**
 * Protocol 2.4: the parts that a directory names. Those in `known` were verified before and are taken as they are, so that
 * one changed member of thousands costs its own part; the others must be in `given`, or DOCUMENT_INVALID.
 */
export function readParts(
  hashes: readonly string[],
  given: ReadonlyMap<string, Uint8Array>,
  known: DirectoryParts,
): DirectoryParts {
  return new Map(hashes.map((hash) => [hash, known.get(hash) ?? readPart(hash, given.get(hash))]))
}

/** A part's bytes, named by their hash in the signed directory. */
function readPart(hash: string, bytes: Uint8Array | undefined): DirectoryPart {
  if (bytes === undefined || sha256(bytes) !== hash)
    throw new Refusal('DOCUMENT_INVALID', {
      rule: 'every part of the directory is present and has its hash',
      part: hash,
    })
  const { members } = validate(DIRECTORY_PART, parseJson(bytes), 'DOCUMENT_INVALID')
  return {
    members,
    certificates: members.flatMap((member) => member.certificates.map((registered) => ({ member, registered }))),
  }
}

/** Members by id and certificates by thumbprint. */
export function indexParts(parts: DirectoryParts): {
  members: Map<string, MemberEntry>
  registered: Map<string, Listed>
} {
  const members = new Map<string, MemberEntry>()
  const registered = new Map<string, Listed>()
  for (const part of parts.values()) {
    for (const member of part.members) members.set(member.id, member)
    for (const listed of part.certificates) registered.set(listed.registered.thumbprint, listed)
  }
  return { members, registered }
}
