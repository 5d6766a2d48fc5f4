import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../hanghui.ts', import.meta.url))

/** What a command answered: its JSON, or the refusal it printed. */
export interface Answer<T> {
  readonly result: T | undefined
  readonly refusal:
    | { readonly code: string; readonly title: { zh: string; en: string }; readonly detail: { zh: string; en: string } }
    | undefined
  /** Standard error: where a bug leaves its trace. */
  readonly said: string
}

/** Runs `hanghui …words --json` as a person would, in a process of its own. */
export async function runCommand<T>(words: readonly string[], dataDir: string): Promise<Answer<T>> {
  const child = spawn(process.execPath, [PROGRAM, ...words, '--data', dataDir, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ])
  const value = parseAnswer(out, err, words)
  return child.exitCode === 0
    ? { result: value as T, refusal: undefined, said: err }
    : { result: undefined, refusal: value as Answer<T>['refusal'], said: err }
}

/** {@link runCommand} that must succeed. */
export async function mustRun<T>(words: readonly string[], dataDir: string): Promise<T> {
  const { result, refusal, said } = await runCommand<T>(words, dataDir)
  if (result === undefined)
    throw new Error(`hanghui ${words.join(' ')}: ${refusal?.code} ${refusal?.detail.en}\n${said}`)
  return result
}

function parseAnswer(out: string, err: string, words: readonly string[]): unknown {
  try {
    return JSON.parse(out)
  } catch {
    throw new Error(`hanghui ${words.join(' ')} answered no JSON:\n${out}${err}`)
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString()
}
