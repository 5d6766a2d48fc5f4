import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PROGRAM = fileURLToPath(new URL('../hanghui.ts', import.meta.url))
const READY_MILLISECONDS = 60_000

/** A server process of the demo and where it listens. */
export interface DemoServer {
  readonly process: ChildProcess
  readonly listeners: Readonly<Record<string, string>>
}

/** Starts `hanghui hub|node start` and waits for its ready line. Its log goes to `server.log` in its folder. */
export async function startServer(role: 'hub' | 'node', dataDir: string): Promise<DemoServer> {
  // As scripts/hanghui starts it.
  const child = spawn(process.execPath, ['--max-semi-space-size=2', PROGRAM, role, 'start', '--data', dataDir], {
    env: { MALLOC_ARENA_MAX: '2', ...process.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.pipe(createWriteStream(join(dataDir, 'server.log'), { flags: 'a', mode: 0o600 }))
  const listeners = await new Promise<Record<string, string>>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${role} in ${dataDir} did not become ready; see server.log there`)),
      READY_MILLISECONDS,
    )
    child.once('exit', (code) => reject(new Error(`${role} in ${dataDir} ended with ${code}; see server.log there`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const value = line.startsWith('{')
        ? (JSON.parse(line) as { ready?: boolean; listeners: Record<string, string> })
        : undefined
      if (value?.ready !== true) return
      clearTimeout(timer)
      resolve(value.listeners)
    })
  })
  return { process: child, listeners }
}

/** SIGTERM, and wait until the process has gone. */
export async function stopServer({ process: child }: DemoServer): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await gone
}

/** The base port if all its listeners' ports are free now, else 0: the server then chooses free ones. */
export async function choosePorts(base: number, offsets: readonly number[]): Promise<number> {
  for (const offset of offsets) if (!(await isFree(base + offset))) return 0
  return base
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
