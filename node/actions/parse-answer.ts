import { parseJson } from '#schemas/json.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'

/** Strict JSON from an owner's node; PEER_MISBEHAVED otherwise. */
export function parseAnswer(bytes: Buffer): unknown {
  try {
    return parseJson(bytes)
  } catch (error) {
    throw isRefusal(error) ? new Refusal('PEER_MISBEHAVED', { cause: error.code }) : error
  }
}
