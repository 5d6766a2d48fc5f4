import type { Refusal } from '#schemas/refusal.ts'
import type { Language } from './language.ts'
import { layOut } from './show-result.ts'
import { labelOf, printable, showValue } from './values-for-people.ts'

const CELLS_SHOWN = 20

interface BadCell {
  readonly row: number
  readonly column: { readonly name: string; readonly letter: string }
  readonly rule: string
  readonly message: { readonly zh: string; readonly en: string }
}

/** What the command line keeps from the world: what a pull needs to write its files. */
const NOT_SHOWN = new Set(['handle', 'proofFile', 'help'])

/** Facts that say nothing to a person. */
const FOR_PROGRAMS = new Set(['errorCount', 'message'])

/** The problem object of `--json`. */
export function problemForPrograms(refusal: Refusal): Record<string, unknown> {
  return Object.fromEntries(Object.entries(refusal.problem()).filter(([key]) => !NOT_SHOWN.has(key)))
}

/** Code, sentence, detail, remedy; bad cells of a table by row, column and rule. */
export function refusalForPeople(refusal: Refusal, language: Language): string {
  const { code, title, detail, remedy, rule } = refusal.problem()
  const words = language === 'zh' ? { rule: '规则', todo: '→ ' } : { rule: 'rule', todo: '→ ' }
  // A refusal that came through the socket repeats its title where it has nothing more to say.
  const says = detail[language] === title[language] ? [] : [`  ${printable(detail[language])}`]
  const broken = rule === '' || rule === code ? [] : [`  ${words.rule}: ${printable(rule)}`]
  return [
    `${code}  ${title[language]}`,
    ...says,
    ...broken,
    ...plainFacts(refusal, language),
    ...badCells(refusal, language),
    `${words.todo}${remedy[language]}`,
  ].join('\n')
}

/** Which dataset, which key, which file: what the refusal knows beyond its sentence, where that is short. */
function plainFacts({ code, facts }: Refusal, language: Language): string[] {
  const { detail, rule: _rule, requestId, ...others } = facts
  // Whoever is to mend it finds it in the server's log.
  const rest = code === 'INTERNAL' ? { ...others, requestId } : others
  const repeated = Object.values((detail ?? {}) as object)
  return Object.entries(rest)
    .filter(
      ([key, value]) => isPlain(value) && !NOT_SHOWN.has(key) && !FOR_PROGRAMS.has(key) && !repeated.includes(value),
    )
    .map(([key, value]) => `  ${labelOf(key, language)}: ${shorten(showValue(key, value, language))}`)
}

const isPlain = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'number' ||
  (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string'))

const shorten = (text: string) => (text.length > 200 ? `${text.slice(0, 200)}…` : text)

function badCells({ facts }: Refusal, language: Language): string[] {
  const cells = (Array.isArray(facts['errors']) ? facts['errors'] : []).filter(isBadCell)
  if (cells.length === 0) return []
  const headings = language === 'zh' ? ['行', '列', '规则', '说明'] : ['row', 'column', 'rule', 'what']
  const rows = cells
    .slice(0, CELLS_SHOWN)
    .map(({ row, column, rule, message }) => [
      String(row),
      printable([column.letter, column.name].filter(Boolean).join(' ')),
      printable(rule),
      printable(message[language]),
    ])
  const count = typeof facts['errorCount'] === 'number' ? facts['errorCount'] : cells.length
  const more = count - rows.length
  const rest = more > 0 ? [language === 'zh' ? `  另有 ${more} 处` : `  and ${more} more`] : []
  return [...layOut(headings, rows).replace(/^/gm, '  ').split('\n'), ...rest]
}

function isBadCell(value: unknown): value is BadCell {
  const cell = value as Partial<BadCell> | null
  return typeof cell?.row === 'number' && typeof cell.column === 'object' && typeof cell.message === 'object'
}
