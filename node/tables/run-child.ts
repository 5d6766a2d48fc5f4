import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { Refusal } from '#schemas/refusal.ts'
import type { RefusalCode } from '#schemas/refusals.ts'
import { REFUSALS } from '#schemas/refusals.ts'
import { environment } from '#web/serving/config.ts'
import { type ChildRefusal, REFUSED } from './child-answer.ts'
import { tooCostly } from './unreadable.ts'
import { watchMemory } from './watch-memory.ts'

const MIB = 1024 * 1024

/** What a child may take up; `outputBytes` of an answer that is held in memory. */
export interface ChildLimits {
  readonly rssBytes: number
  readonly outputBytes: number
  readonly milliseconds: number
}

/** `into`: where its output goes, else it is the result. */
export interface ChildRun {
  readonly limits: ChildLimits
  readonly signal?: AbortSignal | undefined
  readonly into?: Writable
}

export type ChildProgram = 'inspect-child.ts' | 'rows-child.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/**
 * Flags of the child's engine. The permission model leaves it the folders of its own imports (not the whole clone:
 * data folders of a quickstart lie in it), no other file, no network, no program; the heap is bounded as well.
 */
export function childFlags(rssBytes: number): string[] {
  const program = ['node/', 'schemas/', 'pki/', 'node_modules/', 'package.json', 'web/pages/csv.ts']
  const readable = program.map((part) => `--allow-fs-read=${ROOT}${part}`)
  return ['--permission', ...readable, `--max-old-space-size=${Math.ceil(rssBytes / MIB)}`]
}

/**
 * Runs a child on an open file; gives the text it wrote, or lets it write `into` a stream. Descriptor 3 is all it can read of
 * the world. Throws what it refuses, INPUT_TOO_COSTLY.
 */
export async function runChild(
  program: ChildProgram,
  file: number,
  job: object,
  { limits, signal, into }: ChildRun,
): Promise<string> {
  signal?.throwIfAborted()
  const child = spawn(
    process.execPath,
    [...childFlags(limits.rssBytes), fileURLToPath(new URL(program, import.meta.url))],
    { stdio: ['pipe', 'pipe', 'pipe', file], env: childEnvironment(), cwd: ROOT, windowsHide: true },
  )
  const guard = guardChild(child, limits, signal)
  // The job ends with a line feed and the pipe stays open: its end tells the child that nobody waits any more.
  const input = child.stdin as Writable
  input.on('error', () => {})
  input.write(`${JSON.stringify(job)}\n`)
  try {
    const [output, complaint, ended] = await Promise.all([
      into === undefined ? guard.collect(child.stdout) : pipeline(child.stdout as Readable, into).then(() => ''),
      collect(child.stderr, MIB, () => {}),
      guard.ended,
    ])
    guard.throwIfStopped()
    if (ended.code === REFUSED) throw refusalOfChild(JSON.parse(complaint) as ChildRefusal)
    // A heap that is full makes the engine abort.
    if (ended.signal === 'SIGABRT' || ended.code === 134)
      throw tooCostly('解析所需内存过多', 'Parsing needs too much memory')
    if (!(ended.code === 0))
      throw new Error(`the child ended with ${ended.signal ?? ended.code}: ${complaint.slice(-2000)}`)
    return output
  } finally {
    guard.stop()
  }
}

/** A child that met a hostile file is no longer trusted: it may name only what is in the catalogue. */
export function refusalOfChild({ code, facts }: ChildRefusal): Refusal {
  if (!Object.hasOwn(REFUSALS, code)) throw new Error('the child answered with an unknown refusal')
  return new Refusal(code as RefusalCode, { ...facts })
}

/** Stops the child at its limits, and remembers why. */
function guardChild(child: ChildProcess, limits: ChildLimits, signal: AbortSignal | undefined) {
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
  return {
    ended,
    collect: (stream: Readable | null) =>
      collect(stream, limits.outputBytes, () =>
        kill(tooCostly('检查结果过大', 'The result of the inspection is too large')),
      ),
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
