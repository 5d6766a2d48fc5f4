import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { COMMANDS } from '../../scripts/cli/command-table.ts'
import { PRINTED } from './contract-commands.ts'

export const PROGRAM = fileURLToPath(new URL('../../scripts/hanghui', import.meta.url))

/** What a person must never read. */
const UNTOLD = /undefined|\[object|\bnull\b|NaN|\{[a-zA-Z]+\}/

export interface Answered {
  readonly code: number | null
  readonly json: Record<string, unknown> & Record<string, unknown>[]
  readonly stderr: string
}

/** Another program that drives `scripts/hanghui --json` by the contract alone, in a folder of its own. */
export type Stranger = ReturnType<typeof createStranger>

export function createStranger(t: Test, home: string) {
  const credentials = join(home, 'credentials')
  mkdirSync(credentials, { mode: 0o700 })
  writeFileSync(join(credentials, 'hanghui-passphrase'), `${'p'.repeat(40)}\n`, { mode: 0o600 })
  const env = { ...process.env, CREDENTIALS_DIRECTORY: credentials, LANG: 'en_US.UTF-8' }
  const servers = new Map<string, ChildProcess>()
  const driven = new Set<string>()
  t.teardown(() => {
    for (const server of servers.values()) server.kill('SIGKILL')
  })

  /** Whatever it ends with: one JSON value on standard output and nothing on the other. */
  function run(folder: string, words: readonly string[], input = ''): Answered {
    const data = words[0] === 'verify' ? [] : ['--data', join(home, folder)]
    const answer = spawnSync(PROGRAM, [...words, ...data, '--json'], { encoding: 'utf8', env, cwd: home, input })
    const lines = answer.stdout.split('\n')
    if (!(lines.length === 2 && lines[1] === '')) t.fail(`${words.join(' ')}: ${answer.stdout}${answer.stderr}`)
    return { code: answer.status, json: JSON.parse(lines[0] as string), stderr: answer.stderr }
  }

  /** A row of the contract's table: done, with every key of its right column. */
  function row(folder: string, command: string, args: readonly string[] = [], input = ''): Answered['json'] {
    const { code, json, stderr } = run(folder, [...command.split(' '), ...args], input)
    t.same([code, stderr], [0, ''], `${command}: ${code === 0 ? 'done' : JSON.stringify(json)}`)
    t.same(lackingKeys(command, json), [], `${command} prints its keys`)
    const told = COMMANDS.find(({ words }) => words.join(' ') === command)
    for (const language of ['zh', 'en'] as const)
      t.notMatch(told?.render(json as never, language), UNTOLD, `${command} reads well in ${language}`)
    driven.add(command)
    return json
  }

  /** Refused: the problem object, its code and the exit code that goes with it. */
  function refused(folder: string, words: readonly string[], code: string, exit = 1): void {
    const { code: ended, json, stderr } = run(folder, words)
    t.match(
      [ended, stderr, json],
      [
        exit,
        '',
        {
          type: `urn:hanghui:refusal:${code}`,
          code,
          status: Number,
          title: { zh: /\p{Script=Han}/u, en: /[a-z]/ },
          detail: { zh: /\p{Script=Han}/u, en: /[a-z]/ },
          remedy: { zh: /\p{Script=Han}/u, en: /[a-z]/ },
          rule: String,
          requestId: String,
        },
      ],
      `${words.join(' ')} is ${code}`,
    )
  }

  /** Serves until `stop`; checks the line that says so. */
  async function start(folder: string, role: 'hub' | 'node'): Promise<Readonly<Record<string, string>>> {
    const server = spawn(PROGRAM, [role, 'start', '--data', join(home, folder)], {
      env,
      stdio: ['ignore', 'pipe', openSync(join(home, `${folder}.log`), 'a')],
    })
    servers.set(folder, server)
    let said = ''
    for await (const part of (server.stdout as Readable).iterator({ destroyOnReturn: false })) {
      said += part
      if (said.includes('\n')) break
    }
    if (!said.includes('\n'))
      throw new Error(`${role} start ended: ${readFileSync(join(home, `${folder}.log`), 'utf8')}`)
    const line = JSON.parse(said)
    t.same(lackingKeys(`${role} start`, line), [])
    driven.add(`${role} start`)
    return line.listeners
  }

  async function stop(folder: string, signal: NodeJS.Signals): Promise<void> {
    const server = servers.get(folder) as ChildProcess
    const gone = once(server, 'exit')
    server.kill(signal)
    const [code] = await gone
    if (signal === 'SIGTERM') t.equal(code, 0, 'SIGTERM ends gracefully')
  }

  /** Asks again, for at most 20 s, until what others have to hear of has been heard. */
  async function until(folder: string, words: readonly string[], isSo: (json: Answered['json']) => boolean) {
    let json = [] as unknown as Answered['json']
    for (let round = 0; round < 100; round++) {
      ;({ json } = run(folder, words))
      if (isSo(json)) return json
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    throw new Error(`did not happen: ${words.join(' ')}: ${JSON.stringify(json)}`)
  }

  return { env, driven, run, row, refused, start, stop, until }
}

/** Keys of {@link PRINTED} that a value, or an element of an array, has not; an empty array shows nothing and lacks all. */
function lackingKeys(command: string, printed: unknown): string[] {
  const values = Array.isArray(printed) ? printed : [printed]
  const keys = (PRINTED[command] ?? 'no such row').split(' ')
  return values.length === 0 ? keys : [...new Set(values.flatMap((one) => keys.filter((key) => !has(one, key))))]
}

function has(value: Record<string, unknown>, key: string): boolean {
  const [name = '', inner] = key.split('.')
  if (inner === undefined) return Object.hasOwn(value, name)
  const list = value[name] as object[] | undefined
  return Array.isArray(list) && list.length > 0 && list.every((one) => Object.hasOwn(one, inner))
}
