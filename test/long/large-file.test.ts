import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { agreeOpen, peakMemory, publishOpen, startLocalNetwork } from '../../scripts/local-network.ts'
import { mustRun } from '../../scripts/quickstart/run-command.ts'

const MIB = 1024 * 1024
const SIZE = Number(process.env['LONG_MIB'] ?? 1024)
const MOST_MEMORY = 200 * 1000 * 1000
const KILLS = 5
const PROGRAM = fileURLToPath(new URL('../../scripts/hanghui.ts', import.meta.url))

const home = mkdtempSync(join(tmpdir(), 'hanghui-long-'))
t.teardown(() => rmSync(home, { recursive: true, force: true }))

interface Pulled {
  readonly bytes: number
  readonly fetchedBytes: number
  readonly verified: boolean
}

t.test(`${SIZE} MiB: constant memory, killed five times, then only what changed`, async (t) => {
  await using network = await startLocalNetwork(home)
  const source = join(home, 'large.bin')
  writeRandom(source)
  await publishOpen(network, source, 'large')
  const agreement = await agreeOpen(network, 'large')
  const out = join(home, 'pulled')
  mkdirSync(out)
  for (let kill = 1; kill <= KILLS; kill++) await pullAndKill(kill)
  const pulled = await mustRun<Pulled>(['node', 'pull', agreement, '-o', out], network.consumer)
  t.equal(pulled.bytes, SIZE * MIB)
  t.ok(pulled.verified)
  t.ok(pulled.fetchedBytes < pulled.bytes * 1.1, `went on where it was: ${pulled.fetchedBytes} bytes in all`)
  t.equal(await hashOf(join(out, 'large.bin')), await hashOf(source), 'byte-identical')

  const changed = join(home, 'next', 'large.bin')
  mkdirSync(join(home, 'next'))
  writeChanged(source, changed)
  await publishOpen(network, changed, 'large')
  const second = join(home, 'second')
  mkdirSync(second)
  const next = await mustRun<Pulled>(['node', 'pull', agreement, '-o', second], network.consumer)
  t.equal(next.bytes, statSync(changed).size)
  t.equal(await hashOf(join(second, 'large.bin')), await hashOf(changed), 'byte-identical')
  t.ok(
    next.fetchedBytes < next.bytes * 0.05,
    `moved ${((next.fetchedBytes / next.bytes) * 100).toFixed(2)} % of the bytes`,
  )
  for (const [who, server] of Object.entries(network.servers)) {
    const peak = peakMemory(server)
    t.ok(peak < MOST_MEMORY, `${who}: peak ${Math.round(peak / 1e6)} MB`)
  }

  /** Starts a pull, kills the consumer's server when so many sixths of the file have arrived, and starts it again. */
  async function pullAndKill(kill: number): Promise<void> {
    const words = [PROGRAM, 'node', 'pull', agreement, '-o', out, '--json', '--data', network.consumer]
    const command = spawn(process.execPath, words, { stdio: 'ignore' })
    const share = kill / (KILLS + 1)
    while (arrivedAt(network.consumer) < share * SIZE * MIB && command.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 10))
    t.equal(command.exitCode, null, `on the way, ${Math.round(share * 100)} % arrived`)
    const { process: server } = network.servers.consumer
    const gone = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGKILL')
    await gone
    if (command.exitCode === null) await new Promise((resolve) => command.once('exit', resolve))
    await network.restart('consumer')
  }
})

/** Bytes on the disk of what a consumer is still receiving: a partial file has holes where nothing has arrived. */
function arrivedAt(dataDir: string): number {
  const partial = join(dataDir, 'blobs', 'partial')
  const blocks = readdirSync(partial).map((name) => statSync(join(partial, name), { throwIfNoEntry: false })?.blocks)
  return blocks.reduce<number>((sum, count = 0) => sum + count * 512, 0)
}

function writeRandom(path: string): void {
  const file = openSync(path, 'w')
  for (let written = 0; written < SIZE; written++) writeSync(file, randomBytes(MIB))
  closeSync(file)
}

/** The next version: 1 % overwritten in 8 places and 1 % inserted in 8 others, evenly spread. */
function writeChanged(from: string, to: string): void {
  const bytes = SIZE * MIB
  const piece = Math.floor(bytes / 100 / 8)
  const [input, output] = [openSync(from, 'r'), openSync(to, 'w')]
  const segment = Math.floor(bytes / 16)
  for (let part = 0; part < 16; part++) {
    const end = part === 15 ? bytes : (part + 1) * segment
    let at = part * segment
    writeSync(output, randomBytes(piece))
    if (part % 2 === 0) at += piece
    while (at < end) {
      const buffer = Buffer.alloc(Math.min(MIB, end - at))
      readSync(input, buffer, 0, buffer.length, at)
      writeSync(output, buffer)
      at += buffer.length
    }
  }
  closeSync(input)
  closeSync(output)
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer)
  return hash.digest('hex')
}
