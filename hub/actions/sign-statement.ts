import { toRfc3339 } from '#schemas/clock.ts'
import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import type { Payload } from '#schemas/kinds.ts'
import type { Deciding } from '../deps.ts'
import type { Registry } from '../registry.ts'
import type { OnlineKeys } from './online-keys.ts'

/** What the hub itself says about members. */
type StatementKind = 'admission' | 'decision'

/** The register and the hub's keys: what most actions on members need. */
export interface Office extends Registry {
  readonly keys: OnlineKeys
  /** Resolves once directory and status list say what the store says. */
  published(): Promise<void>
  /** A newer root is in force: listeners take its CAs. */
  rootInstalled(): void
}

/** Signs, keeps and journals a statement of the hub. Inside a transaction. */
export function signStatement<K extends StatementKind>(
  r: Office,
  kind: K,
  claims: Omit<Payload<K>, 'net' | 'jti' | 'iat'>,
): { id: string; text: string } {
  const jti = newJti()
  const payload = { net: r.trust.net, jti, iat: r.clock.now(), ...claims } as unknown as Payload<K>
  const text = signDocument(kind, payload, r.keys.signer('directory'))
  const { id } = parseDocument(kind, text)
  r.documents.keep({ id, kind, member: 'hub', jti, text, answer: null })
  r.journal.append(kind, id)
  return { id, text }
}

/** The decision of a person about an admission, a member or a certificate; `since` (Unix seconds) of a revocation. Inside a transaction. Returns its id. */
export function signDecisionOn(
  r: Office,
  subject: Payload<'decision'>['subject'],
  outcome: Payload<'decision'>['outcome'],
  { operator, via, reason }: Deciding,
  since?: number,
): string {
  return signStatement(r, 'decision', {
    subject,
    outcome,
    ...(since === undefined ? {} : { since: toRfc3339(since) }),
    by: [{ operator, via, at: r.clock.stamp(), reason }],
  }).id
}
