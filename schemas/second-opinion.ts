import type { KeyObject } from 'node:crypto'
import { compactVerify, flattenedVerify } from 'jose'
import { Refusal } from './refusal.ts'

/** Another implementation of JWS (RFC 7515) on the same bytes: what one library accepts by mistake the other refuses. */
export async function askJose(document: string, signature: number, publicKey: KeyObject): Promise<void> {
  try {
    if (document.startsWith('{')) await flattenedVerify(flattened(document, signature), publicKey, ONLY)
    else await compactVerify(document, publicKey, ONLY)
  } catch (error) {
    throw new Refusal('SIGNATURE_INVALID', { rule: `jose: ${(error as Error).message}` })
  }
}

const ONLY = { algorithms: ['ES256'] }

function flattened(document: string, signature: number) {
  const { payload, signatures } = JSON.parse(document) as {
    payload: string
    signatures: { protected: string; signature: string }[]
  }
  const one = signatures[signature]
  if (one === undefined) throw new Error('no such signature')
  return { payload, ...one }
}
