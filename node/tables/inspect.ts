import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import { Refusal } from '#schemas/refusal.ts'
import type { InspectAnswer } from './inspect-child.ts'
import type { Inspection, InspectJob } from './inspection.ts'
import { parseTableSchema } from './parse-table-schema.ts'
import type { Reading } from './reading.ts'
import { refusalOfChild, runChild } from './run-child.ts'
import { unreadable } from './unreadable.ts'

const MIB = 1024 * 1024

/** Limits of an inspection. The time grows with the file, by the slowest reading that is still honest. */
export const INSPECT_LIMITS = {
  rssBytes: 768 * MIB,
  baseMilliseconds: 60_000,
  bytesPerSecond: 2 * MIB,
  outputBytes: 8 * MIB,
  errors: 1000,
} as const

/** Numbers of INSPECT_LIMITS. */
export type InspectLimits = { readonly [K in keyof typeof INSPECT_LIMITS]: number }

/** `name`: the name the file is published under; `schema`: as declared, unchecked; `sampleRows`: rows for a public sample. */
export interface InspectOptions {
  readonly name?: string
  readonly schema?: unknown
  readonly sampleRows?: number
  readonly reading?: Reading
  /** Rows to be shown to a person: as many from the top, and as many with findings. */
  readonly shownRows?: number
  readonly limits?: Partial<InspectLimits>
  readonly signal?: AbortSignal
}

/**
 * Recognises a file, reads it and checks it against a schema (or proposes one), in a child process that can reach
 * nothing but that file. Throws INPUT_UNREADABLE, INPUT_TOO_COSTLY, SCHEMA_INVALID; bad cells are in the result.
 */
export async function inspectFile(path: string, options: InspectOptions = {}): Promise<Inspection> {
  const limits = { ...INSPECT_LIMITS, ...options.limits }
  const schema = options.schema === undefined || options.schema === null ? null : parseTableSchema(options.schema)
  const name = options.name ?? basename(path)
  const { sampleRows = 0, shownRows = 0, reading = {} } = options
  const job: InspectJob = { name, schema, sampleRows, shownRows, reading, maxErrors: limits.errors }
  const file = await open(path, 'r')
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw unreadable('不是普通文件', 'It is not a regular file')
    const milliseconds = limits.baseMilliseconds + (stat.size / limits.bytesPerSecond) * 1000
    const run = { limits: { ...limits, milliseconds }, signal: options.signal }
    return verifyAnswer(await runChild('inspect-child.ts', file.fd, job, run), job)
  } finally {
    await file.close()
  }
}

/** Throws INPUT_INVALID with `errors` and `errorCount` if any cell was found bad. */
export function refuseBadCells({ errors, errorCount }: Inspection): void {
  if (!(errorCount === 0)) throw new Refusal('INPUT_INVALID', { errors, errorCount })
}

/** A child that met a hostile file is itself no longer trusted: its answer is read like a stranger's. */
function verifyAnswer(output: string, job: InspectJob): Inspection {
  const answer = JSON.parse(output) as InspectAnswer
  if ('failure' in answer) throw new Error(`the inspection failed: ${answer.failure}`)
  if ('refusal' in answer) throw refusalOfChild(answer.refusal)
  const { inspection } = answer
  const schema = inspection.kind === 'opaque' ? null : (job.schema ?? parseTableSchema(inspection.schema))
  const counts = [inspection.rows, inspection.columns, inspection.errorCount]
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0))
    throw new Error('the inspecting child answered with odd counts')
  const strict = inspection.strict === null ? null : parseTableSchema(inspection.strict)
  return { ...inspection, schema, proposed: schema !== null && job.schema === null, strict }
}
