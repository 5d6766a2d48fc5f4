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
 * Reads one file's TAP and counts its leaves, so that a throw, a time-out or a plan not kept counts as failed even where every
 * assertion before it held. `say` gets each failure in full, and what the test printed itself.
 */
export function countTests(file: string, say: (text: string) => void): { parser: Parser; tally: Tally } {
  const tally: Tally = { passed: 0, failed: 0, skipped: [] }
  const parser = new Parser()
  watch(parser, [file], tally, say)
  return { parser, tally }
}

/** Adds what the file's own end says, once its process is gone: `trouble` when that alone is a failure (an exit code, a time-out). */
export function countEnd(
  file: string,
  { parser, tally }: { parser: Parser; tally: Tally },
  trouble: string | undefined,
  say: (text: string) => void,
): void {
  const isEmpty = tally.passed + tally.failed + tally.skipped.length === 0
  const reason = parser.planComment
  if (trouble === undefined && isEmpty && reason !== '' && !/no tests found/i.test(reason)) {
    tally.skipped.push(`${file}: ${reason}`)
  } else if (tally.failed === 0 && (trouble !== undefined || isEmpty || parser.results?.ok !== true)) {
    fail(
      { diag: { message: trouble ?? (isEmpty ? 'this file holds no test' : 'its TAP is not whole') } },
      [file],
      tally,
      say,
    )
  }
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
    const isLeaf = group === undefined || leaves() === group.before
    const failedInside = group !== undefined && tally.failed > group.failedBefore
    if (isLeaf) countLeaf(result, names, tally, say)
    else if (!result.ok && !failedInside) fail(result, names, tally, say)
  })
  parser.on('extra', (text: string) => {
    if (text.trim() !== '') say(text.trimEnd())
  })
}

function countLeaf(result: Result, names: string[], tally: Tally, say: (text: string) => void): void {
  const reason = result.skip || result.todo
  if (reason) tally.skipped.push(`${names.join(' › ')}${typeof reason === 'string' ? `: ${reason}` : ''}`)
  else if (result.ok) tally.passed++
  else fail(result, names, tally, say)
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
