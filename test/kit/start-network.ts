import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { callControl } from '#web/serving/call-control.ts'
import { createLog } from '#web/serving/log.ts'
import { initHub } from '../../hub/init.ts'
import { type RunningHub, startHub } from '../../hub/main.ts'
import { initNode } from '../../node/init.ts'
import { type RunningNode, startNode } from '../../node/main.ts'

/** Demo codes (PDY zone) by the names tests speak of. */
export const CODES = {
  alice: { uscc: '51100000PDY00001X3', class: 'association', name: '示例协会甲' },
  bob: { uscc: '51100000PDY0000283', class: 'association', name: '示例协会乙' },
  carol: { uscc: '51100000PDY000036X', class: 'association', name: '示例协会丙' },
  ministry: { uscc: '11100000PDY0090060', class: 'department', name: '示例部门' },
  affiliate: { uscc: '51100000PDY001004U', class: 'affiliate', name: '示例关联单位' },
} as const

export type Who = keyof typeof CODES
type Control = <T = Record<string, never>>(action: string, args?: object) => Promise<T>

/** One running server of a test network, spoken to as the command line does. */
export interface Party {
  readonly dataDir: string
  readonly id: string
  readonly call: Control
  listeners(): Readonly<Record<string, string>>
  stop(): Promise<void>
  start(): Promise<void>
}

/** A real hub and real nodes with real certificates, in temporary folders. */
export interface Network extends AsyncDisposable {
  readonly home: string
  readonly fingerprint: string
  readonly hub: Party
  readonly nodes: Readonly<Record<string, Party>>
  node(who: Who): Party
  /** A code for this member and a node out of it; `folder` for one that lost its first, `called` for one of another name. */
  join(who: Who, folder?: string, called?: string): Promise<Party>
  /** Seconds added to every server's clock. */
  shift(seconds: number): void
}

export const REGISTRAR = 'Wang'
export const APPROVER = 'Li'
export const ADMINISTRATOR = 'Zhao'

/**
 * Starts hub, operators and the named nodes on free ports of the loopback; everything goes when it is disposed. `began`:
 * seconds from now at which the servers' clocks begin; OpenSSL reads the machine's.
 */
export async function startNetwork(options: { nodes?: readonly Who[]; began?: number } = {}): Promise<Network> {
  const home = mkdtempSync(join(tmpdir(), 'hanghui-net-'))
  let offset = options.began ?? 0
  const readClock = () => Date.now() + offset * 1000
  const log = createLog({ level: process.env['TEST_LOG'] ?? 'silent', name: 'test' })
  const hubDir = join(home, 'hub')
  const { fingerprint } = await initHub({
    dataDir: hubDir,
    basePort: 0,
    passphraseFile: join(home, 'hub.pass'),
    now: readClock,
  })
  const hub = await party(hubDir, 'hub', () => startHub({ dataDir: hubDir, readClock, log }))
  for (const [name, role] of [
    [REGISTRAR, 'registrar'],
    [APPROVER, 'approver'],
    [ADMINISTRATOR, 'administrator'],
  ] as const) {
    await hub.call('operator-add', { name, role })
  }
  const nodes: Record<string, Party> = {}

  async function join_(who: Who, folder: string = who, called?: string): Promise<Party> {
    const { uscc, class: memberClass, name } = CODES[who]
    const { code } = await hub.call<{ code: string }>('code', {
      class: memberClass,
      member: uscc,
      name: called ?? name,
      as: REGISTRAR,
    })
    const dataDir = join(home, folder)
    await initNode({ dataDir, code, basePort: 0, passphraseFile: join(home, `${folder}.pass`), now: readClock })
    const made = await party(dataDir, uscc, () => startNode({ dataDir, readClock, log }))
    nodes[folder] = made
    return made
  }

  for (const who of options.nodes ?? []) await join_(who)
  return {
    home,
    fingerprint,
    hub,
    nodes,
    node: (who) => nodes[who] as Party,
    join: join_,
    shift: (seconds) => {
      offset += seconds
    },
    async [Symbol.asyncDispose]() {
      for (const one of [...Object.values(nodes), hub]) await one.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function party(dataDir: string, id: string, begin: () => Promise<RunningHub | RunningNode>): Promise<Party> {
  let running: RunningHub | RunningNode | undefined = await begin()
  return {
    dataDir,
    id,
    call: async <T>(action: string, args: object = {}) => (await callControl(dataDir, action, args)) as T,
    listeners: () => running?.listeners ?? {},
    async stop() {
      await running?.close()
      running = undefined
    },
    async start() {
      running ??= await begin()
    },
  }
}

/** Asks until `ask` answers something, at most `rounds` times with 100 ms between. */
export async function eventually<T>(ask: () => Promise<T | undefined | false>, what: string, rounds = 100): Promise<T> {
  for (let round = 0; round < rounds; round++) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`did not happen: ${what}`)
}
