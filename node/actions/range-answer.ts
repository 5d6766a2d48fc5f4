import { LIMITS } from '#schemas/limits.ts'
import { Refusal, refusalFromProblem } from '#schemas/refusal.ts'
import { parseAnswer } from './parse-answer.ts'

/** A range to fetch: `to` is included. */
export interface RangeRequest {
  readonly path: string
  readonly grant: string
  readonly sha256: string
  readonly from: number
  readonly to: number
  readonly fileBytes: number
  readonly signal: AbortSignal
}

/** Takes bytes that are valid during the call only; a promise asks for a pause until it resolves. */
export type TakePiece = (piece: Uint8Array) => Promise<void> | undefined

/** One answer as its bytes arrive: `accept` throws what the answer refuses, `whole` after its last byte. */
export interface RangeAnswer {
  accept(piece: Uint8Array): Promise<void> | undefined
  readonly whole: boolean
}

const HEAD_BYTES = 16 * 1024
const HEAD_END = '\r\n\r\n'

/**
 * Reads the answer to one range request (HTTP/1.1, RFC 9112) and hands its body on without keeping any of it. The owner's
 * refusal is thrown as it was meant; an answer that is not that range, or names no length, is PEER_MISBEHAVED.
 */
export function readRangeAnswer(asked: RangeRequest, take: TakePiece): RangeAnswer {
  let head: Buffer | undefined = Buffer.alloc(0)
  let left = 0
  let refused: Buffer[] | undefined

  /** The rest of the piece once the head is whole; undefined until then. */
  function acceptHead(before: Buffer, piece: Uint8Array): Uint8Array | undefined {
    const all = Buffer.concat([before, piece])
    const end = all.indexOf(HEAD_END)
    if (end < 0) {
      head = all
      if (!(all.length < HEAD_BYTES)) throw misbehaved('the head of an answer is short')
      return undefined
    }
    const { status, fields } = parseHead(all.toString('latin1', 0, end))
    left = lengthOf(fields)
    if (status === 206) requireRange(asked, fields, left)
    else if (status < 400 || left > LIMITS.controlBodyBytes) throw new Refusal('PEER_MISBEHAVED', { status })
    else refused = []
    head = undefined
    return all.subarray(end + HEAD_END.length)
  }

  return {
    get whole() {
      return head === undefined && left === 0
    },
    accept(piece) {
      const body = head === undefined ? piece : acceptHead(head, piece)
      if (body === undefined) return undefined
      if (body.length > left) throw misbehaved('an answer is as long as it says')
      left -= body.length
      if (refused === undefined) return body.length > 0 ? take(body) : undefined
      refused.push(Buffer.from(body))
      if (left === 0) throw refusalFromProblem(parseAnswer(Buffer.concat(refused)))
      return undefined
    },
  }
}

function parseHead(text: string): { status: number; fields: ReadonlyMap<string, string> } {
  const [first = '', ...lines] = text.split('\r\n')
  const status = Number(/^HTTP\/1\.1 ([2-5]\d\d)(?: |$)/.exec(first)?.[1] ?? Number.NaN)
  const fields = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw misbehaved('a field has a name and a value')
    const known = fields.get(name.toLowerCase())
    fields.set(name.toLowerCase(), known === undefined ? value : `${known}, ${value}`)
  }
  if (Number.isNaN(status)) throw misbehaved('an answer begins with its status')
  return { status, fields }
}

/** Attack: two lengths, or a length beside chunks, let two readers see different answers (RFC 9112 §6.3). */
function lengthOf(fields: ReadonlyMap<string, string>): number {
  const length = fields.get('content-length') ?? ''
  if (fields.has('transfer-encoding') || !/^\d{1,15}$/.test(length)) throw misbehaved('an answer says its length')
  return Number(length)
}

function requireRange({ from, to, fileBytes }: RangeRequest, fields: ReadonlyMap<string, string>, bytes: number): void {
  const fits =
    fields.get('content-range') === `bytes ${from}-${to}/${fileBytes}` &&
    bytes === to - from + 1 &&
    !fields.has('content-encoding')
  if (!fits) throw misbehaved('a range is answered with that range')
}

function misbehaved(rule: string): Refusal {
  return new Refusal('PEER_MISBEHAVED', { rule })
}
