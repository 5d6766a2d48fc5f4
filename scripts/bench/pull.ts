import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { alternate, type Report } from '../bench-measure.ts'
import { agreeOpen, publishOpen, startLocalNetwork } from '../local-network.ts'
import { mustRun } from '../quickstart/run-command.ts'
import { findProgram } from '../test-programs.ts'

export const name = 'pull'
export const programs = ['curl', 'nginx', 'openssl'] as const
export const about =
  'One file over mutual TLS on the loopback: a pull with every chunk verified, signed and receipted, beside curl from nginx.'

const MIB = 1024 * 1024
const megabytes = Number(process.env['BENCH_MIB'] ?? 256)
const ROUNDS = 3

/** A pull is fresh each round: a dataset of its own, so that no chunk is at hand. */
export async function run(report: Report): Promise<void> {
  const [curl, nginx, openssl] = programs.map(findProgram) as [string, string, string]
  const home = mkdtempSync(join(tmpdir(), 'hanghui-bench-'))
  try {
    await using network = await startLocalNetwork(home)
    await using reference = await startNginx(home, nginx, openssl)
    let round = 0
    const ours = async () => {
      const slug = `file-${round++}`
      const path = join(home, `${slug}.bin`)
      writeRandom(path, megabytes)
      await publishOpen(network, path, slug)
      const agreement = await agreeOpen(network, slug)
      const began = performance.now()
      const words = ['node', 'pull', agreement, '-o', join(home, 'pulled')]
      mkdirSync(join(home, 'pulled'), { recursive: true })
      await mustRun(words, network.consumer)
      return rate(began)
    }
    writeRandom(join(home, 'www', 'file.bin'), megabytes)
    const theirs = async () => {
      const began = performance.now()
      const done = spawnSync(
        curl,
        [
          '-sf',
          '--cacert',
          'ca.pem',
          '--cert',
          'client.pem',
          '--key',
          'client.key',
          '-o',
          'curl.out',
          `${reference.url}/file.bin`,
        ],
        { cwd: home },
      )
      if (done.status !== 0) throw new Error(`curl: ${done.stderr}`)
      return rate(began)
    }
    report({
      what: `pull ${megabytes} MiB, command included`,
      against: 'curl from nginx',
      unit: 'MB/s',
      better: 'higher',
      ...(await alternate(ROUNDS, { ours, reference: theirs })),
    })
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const rate = (began: number) => (megabytes * MIB) / 1e6 / ((performance.now() - began) / 1000)

function writeRandom(path: string, size: number): void {
  mkdirSync(join(path, '..'), { recursive: true })
  const file = openSync(path, 'w')
  for (let written = 0; written < size; written++) writeSync(file, randomBytes(MIB))
  closeSync(file)
}

async function startNginx(home: string, nginx: string, openssl: string): Promise<AsyncDisposable & { url: string }> {
  makeCertificates(home, openssl)
  const port = await freePort()
  mkdirSync(join(home, 'www'), { recursive: true })
  writeFileSync(
    join(home, 'nginx.conf'),
    `daemon off; pid ${home}/nginx.pid; error_log ${home}/nginx.log; worker_processes 1; events {}
http { access_log off; sendfile on; client_body_temp_path ${home}/t1; proxy_temp_path ${home}/t2; fastcgi_temp_path ${home}/t3; uwsgi_temp_path ${home}/t4; scgi_temp_path ${home}/t5;
server { listen 127.0.0.1:${port} ssl; ssl_certificate ${home}/server.pem; ssl_certificate_key ${home}/server.key; ssl_client_certificate ${home}/ca.pem; ssl_verify_client on; ssl_protocols TLSv1.3; root ${home}/www; } }\n`,
  )
  // nginx drops to its own user as root; the temporary folder must be passable for it.
  spawnSync('chmod', ['755', home])
  const child = spawn(nginx, ['-c', join(home, 'nginx.conf')], { stdio: 'ignore' })
  for (let tries = 0; tries < 50 && !readdirSync(home).includes('nginx.pid'); tries++)
    await new Promise((resolve) => setTimeout(resolve, 100))
  return {
    url: `https://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGQUIT')
      await gone
    },
  }
}

function makeCertificates(home: string, openssl: string): void {
  const make = (words: string) => {
    const done = spawnSync(openssl, words.split(' '), { cwd: home })
    if (done.status !== 0) throw new Error(`openssl ${words}: ${done.stderr}`)
  }
  make(
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -subj /CN=bench -days 2',
  )
  for (const who of ['server', 'client']) {
    writeFileSync(join(home, `${who}.ext`), 'subjectAltName=IP:127.0.0.1\n')
    make(`req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ${who}.key -out ${who}.csr -subj /CN=${who}`)
    make(
      `x509 -req -in ${who}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out ${who}.pem -days 2 -extfile ${who}.ext`,
    )
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
