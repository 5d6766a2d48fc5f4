import type { Text } from './refusals/entry.ts'
import { REFUSALS, type RefusalCode } from './refusals.ts'

/** What a refusal knows beyond its code: a fuller sentence, what to do in this very case, the failing rule, and facts for programs. */
export interface RefusalFacts {
  readonly detail?: Text
  readonly remedy?: Text
  readonly rule?: string
  readonly [fact: string]: unknown
}

/** RFC 9457 problem object as every door answers it (`contract.md`, HTTP). */
export interface Problem {
  readonly type: string
  readonly title: Text
  readonly status: number
  readonly code: string
  readonly detail: Text
  readonly remedy: Text
  readonly rule: string
  readonly requestId: string
  readonly [fact: string]: unknown
}

/** A refusal by rule. Anything else that is thrown is a bug and answers 500 without detail. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly facts: RefusalFacts

  constructor(code: RefusalCode, facts: RefusalFacts = {}) {
    super(`${code}: ${facts.detail?.en ?? REFUSALS[code].title.en}`)
    this.name = 'Refusal'
    this.code = code
    this.facts = facts
  }

  get status(): number {
    return REFUSALS[this.code].status
  }

  /** The problem object; `requestId` joins it to the log line: ours, else that of the server which answered it. */
  problem(requestId = ''): Problem {
    const { status, title, remedy: usual } = REFUSALS[this.code]
    const { detail, remedy = usual, rule, requestId: theirs, ...more } = this.facts
    const type = `urn:hanghui:refusal:${this.code}`
    return {
      ...more,
      type,
      title,
      status,
      code: this.code,
      detail: detail ?? title,
      remedy,
      rule: rule ?? '',
      requestId: requestId || String(theirs ?? ''),
    }
  }
}

/** Is it a refusal, and if codes are named, one of these? */
export function isRefusal(error: unknown, ...codes: RefusalCode[]): error is Refusal {
  return error instanceof Refusal && (codes.length === 0 || codes.includes(error.code))
}

const ENVELOPE = new Set(['type', 'title', 'status', 'code', 'detail', 'remedy', 'rule', 'requestId'])

/** The refusal another party answered, with its facts; an unknown code is the other side's misbehaviour. */
export function refusalFromProblem(problem: unknown): Refusal {
  const given = (typeof problem === 'object' && problem !== null ? problem : {}) as Record<string, unknown>
  const code = given['code']
  if (typeof code !== 'string' || !Object.hasOwn(REFUSALS, code))
    return new Refusal('PEER_MISBEHAVED', { answered: String(code).slice(0, 64) })
  const facts = Object.fromEntries(Object.entries(given).filter(([key]) => !ENVELOPE.has(key)))
  const detail = isText(given['detail']) ? { detail: { zh: given['detail'].zh, en: given['detail'].en } } : {}
  const rule = typeof given['rule'] === 'string' ? { rule: given['rule'] } : {}
  const id = given['requestId']
  const requestId = typeof id === 'string' && id !== '' ? { requestId: id.slice(0, 64) } : {}
  return new Refusal(code as RefusalCode, { ...facts, ...detail, ...rule, ...requestId })
}

function isText(value: unknown): value is Text {
  const text = value as Text | null
  return typeof text === 'object' && text !== null && typeof text.zh === 'string' && typeof text.en === 'string'
}
