import { parseDocument, signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import type { Kind, Payload } from '#schemas/kinds.ts'
import type { Exchange } from '../exchange.ts'

/** Kinds the hub itself signs in the life of an agreement. */
export type HubKind = Extract<Kind, 'decision' | 'agreement-change'>

/** Who decided, by which door, and why; `rule` where an open offer decides by itself. */
export type DecidedBy = Payload<'decision'>['by'][number]

/** Signs and keeps a document of the hub in a request's story; the caller writes its journal row with the change. Returns its id. */
export function signForHub<K extends HubKind>(
  x: Exchange,
  kind: K,
  request: string,
  claims: Omit<Payload<K>, 'net' | 'jti' | 'iat'>,
): string {
  const jti = newJti()
  const payload = { net: x.trust.net, jti, iat: x.clock.now(), ...claims } as unknown as Payload<K>
  const text = signDocument(kind, payload, x.signer('directory'))
  const { id } = parseDocument(kind, text)
  x.documents.keep({ id, kind, member: 'hub', jti, text, request, stored: x.clock.now() })
  return id
}

/** The hub's decision on an agreement, naming each operator. Writes its own journal row. Returns its id. */
export function signDecision(
  x: Exchange,
  request: string,
  agreement: string,
  outcome: Payload<'decision'>['outcome'],
  by: readonly DecidedBy[],
): string {
  const id = signForHub(x, 'decision', request, { subject: { kind: 'agreement', id: agreement }, outcome, by: [...by] })
  x.journal.append('decision', id)
  return id
}
