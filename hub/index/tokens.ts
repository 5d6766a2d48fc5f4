/** A run of Chinese characters, or of other letters and digits with their marks. */
const RUN = /\p{Script=Han}+|[[\p{L}\p{N}]--\p{Script=Han}][[\p{L}\p{N}\p{M}]--\p{Script=Han}]*/gv
const HAN = /^\p{Script=Han}/u

const maxCharacters = 200
const maxWords = 16

/** Width and case are of no weight in a search: NFKC, lower case. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

/**
 * Text as it is indexed, tokens apart by blanks: 钢铁产量2024 → 钢铁 铁产 产量 量 2024. Chinese runs are cut into overlapping
 * pairs, so that a word is a phrase of pairs; the last character stands alone too, so that every single one begins a token.
 */
export function toIndexTokens(text: string): string {
  return runsOf(fold(text)).flatMap(cutRun).join(' ')
}

function runsOf(folded: string): readonly string[] {
  return folded.match(RUN) ?? []
}

function cutRun(run: string): readonly string[] {
  if (!HAN.test(run)) return [run]
  const characters = [...run]
  return characters.map((character, index) => character + (characters[index + 1] ?? ''))
}

/** What is searched for: the exact reading, and a looser one for when that finds nothing. */
export interface Match {
  /** FTS5 expressions of words that must stand as typed; empty when there is nothing in the words to search for. */
  readonly strict: string
  readonly loose: string
}

/**
 * Words of a person as FTS5 expressions. Nothing typed reaches MATCH but letters and digits between quotes that we set,
 * so no operator, column filter or quote of theirs is ever read as one.
 */
export function toMatch(words: string): Match {
  const typed = fold(words.slice(0, maxCharacters)).split(/\s+/u)
  const runs = typed
    .map(runsOf)
    .filter((word) => word.length > 0)
    .slice(0, maxWords)
  return { strict: runs.map(phraseOf).join(' AND '), loose: runs.flat().flatMap(piecesOf).join(' AND ') }
}

/** One word is one phrase; its last token is a prefix unless that is a whole pair. `51100000PDY/steel-out` is found so. */
function phraseOf(runs: readonly string[]): string {
  const tokens = runs.flatMap(cutRun)
  const last = runs.at(-1) ?? ''
  const endsInPair = HAN.test(last) && [...last].length > 1
  return endsInPair ? `"${tokens.slice(0, -1).join(' ')}"` : `"${tokens.join(' ')}" *`
}

/** 钢铁产量 → 钢铁, 产量: finds 钢铁行业产量, where the whole does not stand together. */
function piecesOf(run: string): readonly string[] {
  const pairs = cutRun(run).slice(0, -1)
  if (!HAN.test(run) || pairs.length === 0) return [`"${run}" *`]
  return pairs.filter((_, index) => index % 2 === 0 || index === pairs.length - 1).map((pair) => `"${pair}"`)
}

/** The expression, within the named columns only. */
export function inColumns(columns: string, expression: string): string {
  return `{${columns}} : (${expression})`
}

/** For names held in memory: does `text` contain `part`, whatever width and case? */
export function containsFolded(text: string, part: string): boolean {
  return fold(text).includes(fold(part.slice(0, maxCharacters)).trim())
}
