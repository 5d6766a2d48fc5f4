import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { countEnd, countTests, type Tally } from './count-tests.ts'

const graceMs = 2_000
const keptComplaintBytes = 1_000_000

/** What one test file came to, and everything to be shown about it. */
export type FileResult = { file: string; tally: Tally; text: string; seconds: number }

/**
 * Runs one test file in a Node of its own and counts its leaves. The file leads a process group of its own, so that what it
 * started and left behind ends with it, also after a time-out or when `signal` aborts. Standard error is shown only for a file that failed.
 */
export async function runTestFile(
  file: string,
  root: string,
  timeoutSeconds: number,
  signal: AbortSignal,
): Promise<FileResult> {
  const started = performance.now()
  const said: string[] = []
  const say = (text: string) => said.push(text)
  const counted = countTests(file, say)
  const env = { ...process.env, TAP_TIMEOUT: String(timeoutSeconds) }
  const child = spawn(process.execPath, [file], { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const complaint = collectComplaint(child)
  const parsed = once(counted.parser, 'complete')
  child.stdout.pipe(counted.parser)

  let timedOut = false
  const stop = () => endGroup(child, 'SIGKILL')
  signal.addEventListener('abort', stop)
  // tap itself stops at TAP_TIMEOUT and says which test hung; this is for a file that no longer listens.
  const timer = setTimeout(
    () => {
      timedOut = true
      stop()
    },
    timeoutSeconds * 1000 + graceMs,
  )
  const [code, killedBy] = await once(child, 'exit')
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  endGroup(child, 'SIGKILL')
  await parsed

  const trouble = timedOut
    ? `no end after ${timeoutSeconds} s`
    : code === 0
      ? undefined
      : `ended with ${killedBy ?? code}`
  countEnd(file, counted, trouble, say)
  if (counted.tally.failed > 0 && complaint().trim() !== '') say(`standard error of ${file}:\n${complaint().trimEnd()}`)
  return { file, tally: counted.tally, text: said.join('\n'), seconds: (performance.now() - started) / 1000 }
}

function collectComplaint(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-keptComplaintBytes)
  })
  return () => text
}

/** The group may be gone already; on Windows there are no groups and the file alone is ended. */
function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (process.platform === 'win32' || child.pid === undefined) return void child.kill(signal)
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
