import { InvalidArgumentError } from 'commander'
import { endOfBeijingDay, fromRfc3339 } from '#schemas/clock.ts'
import { INDUSTRY_EDITION, isIndustryCode, withSection } from '#schemas/codes/industries.ts'
import { isRegionCode } from '#schemas/codes/regions.ts'
import { isRefusal } from '#schemas/refusal.ts'

/** Takes a value as it is typed if it holds. */
function requiring(holds: (typed: string) => boolean, wanted: string): (typed: string) => string {
  return (typed) => {
    if (!holds(typed)) throw new InvalidArgumentError(wanted)
    return typed
  }
}

/** A number of at most ten digits, not below `least`. */
export function wholeNumber(least: number): (typed: string) => number {
  const take = requiring(
    (typed) => /^\d{1,10}$/.test(typed) && Number(typed) >= least,
    least === 0 ? 'a whole number is needed' : `a whole number from ${least} is needed`,
  )
  return (typed) => Number(take(typed))
}

const oneToFour = requiring((typed) => /^[1-4]$/.test(typed), '1, 2, 3, 4')
export const contentClass = (typed: string) => Number(oneToFour(typed))

const isTime = (typed: string) => !Number.isNaN(fromRfc3339(typed))

function isDay(typed: string): boolean {
  try {
    return endOfBeijingDay(typed) !== ''
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

export const time = requiring(isTime, 'a time is YYYY-MM-DDThh:mm:ssZ')
export const day = requiring(isDay, 'a date is YYYY-MM-DD')
export const dayOrTime = requiring((typed) => isDay(typed) || isTime(typed), 'a date is YYYY-MM-DD')

/** As the catalog counts them: with or without the letter; `none` finds what has no industry. */
export const industry = requiring(
  (typed) => typed === 'none' || isIndustryCode(withSection(typed), INDUSTRY_EDITION),
  'no code of GB/T 4754',
)
export const region = requiring(isRegionCode, 'no code of GB/T 2260')
