/** 统一社会信用代码, the id of every member (GB 32100-2015), and the 组织机构代码 inside it (GB 11714-1997). */
import { PkiError } from './error.ts'

const CODE_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const CODE_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28] as const
const ORG_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2] as const
const CODE_SHAPE = /^[1-9ANY][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$/
const ORG_SHAPE = /^[0-9A-Z]{8}$/

/** Check character 18 of the first 17 characters (GB 32100 section 4.5: modulo 31); undefined if they have another shape. */
export function usccCheckDigit(first17: string): string | undefined {
  if (first17.length !== 17) return undefined
  let sum = 0
  for (const [position, weight] of CODE_WEIGHTS.entries()) {
    const value = CODE_ALPHABET.indexOf(first17.charAt(position))
    if (value < 0) return undefined
    sum += value * weight
  }
  return CODE_ALPHABET.charAt((31 - (sum % 31)) % 31)
}

/** Check character 9 of the first 8 characters (GB 11714 appendix A: modulo 11, 10 is written X); undefined if they have another shape. */
export function orgCodeCheckDigit(first8: string): string | undefined {
  if (!ORG_SHAPE.test(first8)) return undefined
  let sum = 0
  for (const [position, weight] of ORG_WEIGHTS.entries()) sum += Number.parseInt(first8.charAt(position), 36) * weight
  return '0123456789X'.charAt((11 - (sum % 11)) % 11)
}

/** True for a code with the right shape and both check digits. Lower case and blanks are refused: on the wire one member has one spelling. */
export function isUscc(code: string): boolean {
  return (
    CODE_SHAPE.test(code) &&
    usccCheckDigit(code.slice(0, 17)) === code.charAt(17) &&
    orgCodeCheckDigit(code.slice(8, 16)) === code.charAt(16)
  )
}

/** What a person typed, blanks and case forgiven, as a code; throws NAME_INVALID. Never for anything that came over the wire. */
export function parseUscc(typed: string): string {
  const code = typed.replace(/[\s-]/gu, '').toUpperCase()
  if (!isUscc(code)) throw new PkiError('NAME_INVALID', 'uscc', { code: typed.slice(0, 40) })
  return code
}
