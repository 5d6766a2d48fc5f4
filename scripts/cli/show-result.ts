import type { Text } from '#schemas/refusals/entry.ts'
import type { Render } from './command.ts'
import { fillText, type Language } from './language.ts'
import { isText, labelOf, showValue } from './values-for-people.ts'

/** Cells a text takes on a terminal: Chinese characters and full-width forms take two. */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += WIDE.test(character) ? 2 : NO_WIDTH.test(character) ? 0 : 1
  return width
}

const WIDE =
  /[\p{Script=Han}\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u
const NO_WIDTH = /\p{M}/u

/** Lines of equal columns under their headings. */
export function layOut(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows]
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => widthOf(line[column] ?? ''))))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Renders an array of objects, or the array under `of`, as a table of these keys; `empty` when there is nothing. */
export function asTable(keys: readonly string[], empty: Text, of?: string): Render {
  return (result: unknown, language) => {
    const found = of === undefined ? result : (result as Record<string, unknown>)[of]
    return showRows(found, keys, empty, language)
  }
}

/** Columns that no row fills are left out. */
export function showRows(found: unknown, keys: readonly string[], empty: Text, language: Language): string {
  const rows = (Array.isArray(found) ? found : []) as Record<string, unknown>[]
  if (rows.length === 0) return empty[language]
  const filled = keys.filter((key) => rows.some((row) => !isEmpty(row[key])))
  return layOut(
    filled.map((key) => labelOf(key, language)),
    rows.map((row) => filled.map((key) => showValue(key, row[key], language))),
  )
}

const isEmpty = (value: unknown) =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0)

/** One sentence; `{key}` is the result's value as people read it, so that ids are short and times are Beijing's. */
export function asSentence(sentence: Text): Render {
  return (result: Record<string, unknown>, language) => {
    const facts = Object.fromEntries(
      Object.entries(result).map(([key, value]) => [key, showValue(key, value, language)]),
    )
    return fillText(sentence, facts)[language]
  }
}

/** A sentence, then these keys line by line, as far as they are there. */
export function asFacts(sentence: Text | undefined, keys: readonly string[]): Render {
  return (result: Record<string, unknown>, language) => {
    const there = keys.filter((key) => result[key] !== undefined && result[key] !== null)
    const shown = Object.fromEntries(there.map((key) => [key, result[key]]))
    const head = sentence === undefined ? [] : [asSentence(sentence)(result as never, language)]
    return [...head, ...outline(shown, language)].join('\n')
  }
}

/** Everything an object says, nested objects and lists set in. */
export const asOutline: Render = (result: unknown, language) => outline(result as object, language).join('\n')

function outline(value: object, language: Language, depth = 0): string[] {
  const indent = '  '.repeat(depth)
  const entries = Object.entries(value)
  const labels = entries.map(([key]) => labelOf(key, language))
  const width = Math.max(0, ...labels.map(widthOf))
  return entries.flatMap(([key, inner], index) => {
    const label = labels[index] ?? key
    if (Array.isArray(inner) && inner.some((one) => typeof one === 'object' && one !== null && !isText(one)))
      return [`${indent}${label}:`, ...inner.flatMap((one) => [`${indent}  - ${showValue(key, one, language)}`])]
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner) && !isText(inner))
      return [`${indent}${label}:`, ...outline(inner, language, depth + 1)]
    return [`${indent}${label}${' '.repeat(width - widthOf(label))}  ${showValue(key, inner, language)}`]
  })
}
