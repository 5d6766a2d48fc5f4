import { type ChildProcess, spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Refusal } from '#schemas/refusal.ts'
import type { RefusalCode } from '#schemas/refusals.ts'
import { REFUSALS } from '#schemas/refusals.ts'
import { environment } from '#web/serving/config.ts'
import type { InspectAnswer } from './inspect-child.ts'
import type { Inspection, InspectJob } from './inspection.ts'
import { parseTableSchema } from './parse-table-schema.ts'
import type { Reading } from './reading.ts'
import { tooCostly, unreadable } from './unreadable.ts'
import { watchMemory } from './watch-memory.ts'

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

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const CHILD = fileURLToPath(new URL('./inspect-child.ts', import.meta.url))

/**
 * Flags of the child's engine. The permission model leaves it the folders of its own imports (not the whole clone:
 * data folders of a quickstart lie in it), no other file, no network, no program; the heap is bounded as well.
 */
export function childFlags(rssBytes: number): string[] {
  const program = ['node/', 'schemas/', 'pki/', 'node_modules/', 'package.json']
  const readable = program.map((part) => `--allow-fs-read=${ROOT}${part}`)
  return ['--permission', ...readable, `--max-old-space-size=${Math.ceil(rssBytes / MIB)}`]
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
    return verifyAnswer(await runChild(file.fd, job, { ...limits, milliseconds }, options.signal), job)
  } finally {
    await file.close()
  }
}

/** Throws INPUT_INVALID with `errors` and `errorCount` if any cell was found bad. */
export function refuseBadCells({ errors, errorCount }: Inspection): void {
  if (!(errorCount === 0)) throw new Refusal('INPUT_INVALID', { errors, errorCount })
}

/** Runs the child on an open file; gives the text it wrote. Descriptor 3 is all it can read of the world. */
async function runChild(
  file: number,
  job: InspectJob,
  limits: InspectLimits & { readonly milliseconds: number },
  signal: AbortSignal | undefined,
): Promise<string> {
  signal?.throwIfAborted()
  const child = spawn(process.execPath, [...childFlags(limits.rssBytes), CHILD], {
    stdio: ['pipe', 'pipe', 'pipe', file],
    env: childEnvironment(),
    cwd: ROOT,
    windowsHide: true,
  })
  const guard = guardChild(child, limits, signal)
  // The job ends with a line feed and the pipe stays open: its end tells the child that nobody waits any more.
  const input = child.stdin as Writable
  input.on('error', () => {})
  input.write(`${JSON.stringify(job)}\n`)
  try {
    const [output, complaint, ended] = await Promise.all([
      guard.output,
      collect(child.stderr, MIB, () => {}),
      guard.ended,
    ])
    guard.throwIfStopped()
    // A heap that is full makes the engine abort.
    if (ended.signal === 'SIGABRT' || ended.code === 134)
      throw tooCostly('解析所需内存过多', 'Parsing needs too much memory')
    if (!(ended.code === 0))
      throw new Error(`the inspecting child ended with ${ended.signal ?? ended.code}: ${complaint.slice(-2000)}`)
    return output
  } finally {
    guard.stop()
  }
}

/** Stops the child at its limits, and remembers why. */
function guardChild(
  child: ChildProcess,
  limits: InspectLimits & { readonly milliseconds: number },
  signal: AbortSignal | undefined,
) {
  let reason: unknown
  const kill = (why: unknown) => {
    reason ??= why
    child.kill('SIGKILL')
  }
  const unwatch = watchMemory(child.pid ?? 0, limits.rssBytes, () =>
    kill(tooCostly('解析所需内存过多', 'Parsing needs too much memory')),
  )
  const timer = setTimeout(() => kill(tooCostly('解析时间过长', 'Parsing takes too long')), limits.milliseconds)
  const abort = () => kill(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  const { promise: ended, resolve, reject } = Promise.withResolvers<{ code: number | null; signal: string | null }>()
  child.once('error', reject)
  child.once('close', (code, signalName) => resolve({ code, signal: signalName }))
  const output = collect(child.stdout, limits.outputBytes, () =>
    kill(tooCostly('检查结果过大', 'The result of the inspection is too large')),
  )
  return {
    ended,
    output,
    throwIfStopped() {
      if (reason !== undefined) throw reason
    },
    stop() {
      unwatch()
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      child.kill('SIGKILL')
    },
  }
}

/** The text of a stream up to `maxBytes`; what comes beyond is dropped and reported. */
async function collect(stream: Readable | null, maxBytes: number, onExcess: () => void): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of stream ?? []) {
    bytes += (piece as Buffer).length
    if (bytes > maxBytes) onExcess()
    else pieces.push(piece as Buffer)
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** Windows cannot start a process without its system folder; elsewhere the child gets nothing. */
function childEnvironment(): NodeJS.ProcessEnv {
  const { SystemRoot } = environment()
  return process.platform === 'win32' && SystemRoot !== undefined ? { SystemRoot } : {}
}

/** A child that met a hostile file is itself no longer trusted: its answer is read like a stranger's. */
function verifyAnswer(output: string, job: InspectJob): Inspection {
  const answer = JSON.parse(output) as InspectAnswer
  if ('failure' in answer) throw new Error(`the inspection failed: ${answer.failure}`)
  if ('refusal' in answer) {
    if (!Object.hasOwn(REFUSALS, answer.refusal.code))
      throw new Error('the inspecting child answered with an unknown refusal')
    throw new Refusal(answer.refusal.code as RefusalCode, { ...answer.refusal.facts })
  }
  const { inspection } = answer
  const schema = inspection.kind === 'opaque' ? null : (job.schema ?? parseTableSchema(inspection.schema))
  const counts = [inspection.rows, inspection.columns, inspection.errorCount]
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0))
    throw new Error('the inspecting child answered with odd counts')
  const strict = inspection.strict === null ? null : parseTableSchema(inspection.strict)
  return { ...inspection, schema, proposed: schema !== null && job.schema === null, strict }
}
