import { isUscc } from '#pki/uscc.ts'
import { fromBase64url, toBase64url } from './base64url.ts'
import { parseJson } from './json.ts'
import { isRefusal, Refusal } from './refusal.ts'
import { closed, ENDPOINT, HEX, JTI, MEMBER } from './shapes.ts'
import { validate } from './validate.ts'

/** What an enrolment code tells a new node: where to go, for which member, the one-time secret, and what to believe there. */
export interface EnrolmentCode {
  /** Base URL of the enrolment listener. */
  readonly url: string
  /** 统一社会信用代码 that the registrar bound the code to. */
  readonly member: string
  /** 128 random bits, base64url. */
  readonly secret: string
  /** SHA-256 of a root certificate of the network, hex. */
  readonly fingerprint: string
}

const PREFIX = 'HH1.'
const CODE = closed({ u: ENDPOINT, m: MEMBER, s: JTI, f: HEX }, ['u', 'm', 's', 'f'])

/** Protocol 3.2: one line of text, to be handed over in person or over a channel that both sides trust. */
export function formatEnrolmentCode({ url, member, secret, fingerprint }: EnrolmentCode): string {
  return PREFIX + toBase64url(Buffer.from(JSON.stringify({ u: url, m: member, s: secret, f: fingerprint })))
}

/** Protocol 3.2: the parts of a code; blanks and line ends from copying are forgiven. CODE_INVALID. */
export function parseEnrolmentCode(typed: string): EnrolmentCode {
  const text = typed.replace(/\s/g, '')
  if (!text.startsWith(PREFIX)) throw new Refusal('CODE_INVALID', { rule: 'a code begins with HH1.' })
  const { u, m, s, f } = decode(text.slice(PREFIX.length))
  if (!isUscc(m)) throw new Refusal('CODE_INVALID', { field: '/m' })
  return { url: u, member: m, secret: s, fingerprint: f }
}

function decode(segment: string) {
  try {
    return validate(CODE, parseJson(fromBase64url(segment)), 'CODE_INVALID')
  } catch (error) {
    if (isRefusal(error)) throw new Refusal('CODE_INVALID', { rule: error.code })
    throw error
  }
}
