import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '#schemas/refusal.ts'
import { choosePorts } from '#web/serving/choose-ports.ts'
import { environment } from '#web/serving/config.ts'
import { LOCK_FILES, ownNewFolder, requireNoServer } from '#web/serving/data-folder.ts'
import { makePassphrase } from '#web/serving/passphrase.ts'
import { makeAuthority } from './actions/make-authority.ts'
import { hostsOf, type ListenerName, urlOf, writeHubConfig } from './config.ts'

/** What `hanghui hub init` may settle. `now` in milliseconds; `env` is where systemd hands over credentials. */
export interface InitHubOptions {
  readonly dataDir: string
  readonly name?: string
  /** First of four ports in a row; 0: free ones, chosen once; without it the usual ones. */
  readonly basePort?: number
  readonly host?: string
  readonly passphraseFile?: string
  readonly now?: () => number
}

interface Building extends InitHubOptions {
  readonly host: string
  readonly ports: Readonly<Record<ListenerName, number>>
}

const DEFAULT_NAME = '行汇共享中心'
const DEFAULT_PORTS = { member: 7443, enrolment: 7444, public: 7480, console: 7445 } as const
/** Where a folder is built before it counts. */
export const BUILDING = '.init'

/**
 * Creates the authority and the folder of a hub: all or nothing. Everything is built in `.init` and moved out with
 * `config.toml` last, which makes it a hub; what a crash left behind is swept by the next `init`. ALREADY_INITIALISED,
 * ALREADY_RUNNING.
 */
export async function initHub(options: InitHubOptions): Promise<{ dataDir: string; fingerprint: string }> {
  const { host = '127.0.0.1' } = options
  const ports = await choosePorts(DEFAULT_PORTS, options.basePort, host)
  return ownNewFolder(options.dataDir, requireFresh, (dataDir) => build(dataDir, { ...options, host, ports }))
}

async function build(
  dataDir: string,
  { host, ports, name = DEFAULT_NAME, passphraseFile, now = Date.now }: Building,
): Promise<{ dataDir: string; fingerprint: string }> {
  const building = makeBuilding(dataDir)
  const passphrase = makePassphrase(dataDir, { file: passphraseFile, env: environment() })
  const address = host === '0.0.0.0' || host === '::' ? hostname().toLowerCase() : host
  const fingerprint = await makeAuthority({
    folder: building,
    passphrase,
    name,
    hosts: hostsOf({ address, host }),
    publicUrl: urlOf('http', address, ports.public),
    now: new Date(now()),
  })
  mkdirSync(join(building, 'blobs'), { mode: 0o700 })
  writeHubConfig(join(building, 'config.toml'), { name, host, address, ports, passphraseFile })
  moveOut(building, dataDir)
  return { dataDir, fingerprint }
}

/** Nothing lies there but what an earlier `init` left half. ALREADY_INITIALISED. */
export function requireFresh(dataDir: string): void {
  requireNoServer(dataDir)
  const present = entriesOf(dataDir)
  // `.init` says that an earlier init was cut off; anything else in a folder without configuration is not ours to touch.
  if (present.length > 0 && !present.includes(BUILDING))
    throw new Refusal('ALREADY_INITIALISED', { dataDir, found: present.slice(0, 8), rule: 'the folder is empty' })
}

/** Sweeps what an earlier `init` left half, and makes `.init` anew. */
export function makeBuilding(dataDir: string): string {
  for (const entry of entriesOf(dataDir)) rmSync(join(dataDir, entry), { recursive: true })
  const building = join(dataDir, BUILDING)
  mkdirSync(building, { mode: 0o700 })
  return building
}

const entriesOf = (dataDir: string) => readdirSync(dataDir).filter((entry) => !LOCK_FILES.includes(entry))

/** `config.toml` is moved last: a folder without it is no hub, whatever else lies there. */
export function moveOut(building: string, dataDir: string): void {
  const entries = readdirSync(building).filter((entry) => entry !== 'config.toml')
  for (const entry of [...entries, 'config.toml']) renameSync(join(building, entry), join(dataDir, entry))
  rmSync(building, { recursive: true })
}
