import { inspect } from 'node:util'
import { Parser, type Result } from 'tap-parser'

/** What a test run came to. A leaf is an assertion, or a test that failed, was skipped or threw without one. */
export type Tally = {
  passed: number
  failed: number
  /** Full names with the reason given, in the order they were met. */
  skipped: string[]
}

/**
 * Reads a TAP stream and counts its leaves, so that a throw, a time-out or a plan not kept counts as failed even where every
 * assertion before it held. `say` gets one line for each file and, above it, each failure in full.
 */
export function countTests(say: (text: string) => void): { parser: Parser; tally: Tally } {
  const tally: Tally = { passed: 0, failed: 0, skipped: [] }
  const parser = new Parser()
  watch(parser, [], tally, say)
  return { parser, tally }
}

function watch(parser: Parser, path: string[], tally: Tally, say: (text: string) => void): void {
  let child: { parser: Parser; before: number; failedBefore: number } | undefined
  const leaves = () => tally.passed + tally.failed + tally.skipped.length
  parser.on('child', (inner: Parser) => {
    child = { parser: inner, before: leaves(), failedBefore: tally.failed }
    watch(inner, [...path, inner.name], tally, say)
  })
  parser.on('assert', (result: Result) => {
    const group = child
    child = undefined
    const names = [...path, result.name]
    const isEmpty = group === undefined || leaves() === group.before
    const failedInside = group !== undefined && tally.failed > group.failedBefore
    if (isEmpty) countLeaf(result, names, group?.parser.planComment ?? '', tally, say)
    else if (!result.ok && !failedInside) fail(result, names, tally, say)
    if (path.length === 0) say(describeFile(result, tally.failed === (group?.failedBefore ?? tally.failed)))
  })
  parser.on('extra', (text: string) => {
    if (path.length > 0 && text.trim() !== '') say(text.trimEnd())
  })
}

function countLeaf(
  result: Result,
  names: string[],
  planComment: string,
  tally: Tally,
  say: (text: string) => void,
): void {
  const reason = result.skip || result.todo
  if (names.length === 1 && /no tests found/i.test(`${planComment} ${reason}`)) {
    fail({ diag: { message: 'this file holds no test', ...result.diag } }, names, tally, say)
  } else if (reason) {
    tally.skipped.push(`${names.join(' › ')}${typeof reason === 'string' ? `: ${reason}` : ''}`)
  } else if (result.ok) {
    tally.passed++
  } else {
    fail(result, names, tally, say)
  }
}

function fail(result: Pick<Result, 'diag'>, names: string[], tally: Tally, say: (text: string) => void): void {
  tally.failed++
  say(`✘ ${names.join(' › ')}\n${describeDiagnostics(result.diag)}`)
}

/** Every field the test gave: text with line breaks as it is (a diff, a stack), anything else inspected. */
function describeDiagnostics(diag: unknown): string {
  if (typeof diag !== 'object' || diag === null) return ''
  const fields = Object.entries(diag).filter(([name]) => name !== 'source' && name !== 'at')
  const lines = fields.map(([name, value]) => {
    const text = typeof value === 'string' ? value : inspect(value, { depth: 6, breakLength: 100 })
    return text.includes('\n') ? `${name}:\n${indent(text.trimEnd())}` : `${name}: ${text}`
  })
  return `${indent([...describePlace(diag), ...lines].join('\n'))}\n`
}

function describePlace(diag: object): string[] {
  const at = 'at' in diag ? (diag.at as { fileName?: string; lineNumber?: number } | undefined) : undefined
  return at?.fileName ? [`at ${at.fileName}:${at.lineNumber}`] : []
}

const indent = (text: string) => text.replace(/^/gm, '    ')

function describeFile(result: Result, allHeld: boolean): string {
  const seconds = result.time === null ? '' : `  ${(result.time / 1000).toFixed(1)} s`
  return `${result.ok && allHeld ? '✔' : '✘'} ${result.name}${seconds}`
}
