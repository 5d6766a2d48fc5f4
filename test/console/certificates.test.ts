import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { Agent, type RequestOptions, request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import Database from 'better-sqlite3'
import t from 'tap'
import { toPem } from '#pki/pem.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { parseDocument } from '#schemas/document.ts'
import { closed } from '#schemas/shapes.ts'
import { action, runAction } from '#web/serving/actions.ts'
import { runWith } from '../cli/fake-server.ts'
import { A, enrolMember, openHub } from '../hub/hub-kit.ts'
import { startNetwork } from '../kit/start-network.ts'

/** PEM of the authorities that a hub's newest root lists. */
async function authoritiesOf(publicUrl: string): Promise<string> {
  const { roots } = (await (await fetch(`${publicUrl}/v1/root`)).json()) as { roots: string[] }
  const { cas } = parseDocument('root', roots.at(-1) as string).payload
  return cas.flatMap(({ certificates }) => certificates.map((der) => toPem('CERTIFICATE', fromBase64url(der)))).join('')
}

/** A browser into which a person's file was imported; one connection, kept open. */
function browser(base: string, ca: string, identity: Pick<RequestOptions, 'pfx' | 'passphrase' | 'key' | 'cert'> = {}) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca, ...identity })
  const cookies = new Map<string, string>()
  async function ask(path: string, form?: Record<string, string>) {
    const body = form === undefined ? undefined : new URLSearchParams(form).toString()
    const answered = Promise.withResolvers<import('node:http').IncomingMessage>()
    const asking = request(`${base}${path}`, {
      agent,
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'text/html',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body !== undefined && {
          origin: base,
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(body),
        }),
      },
    })
    asking.once('response', answered.resolve).once('error', answered.reject)
    asking.end(body)
    const answer = await answered.promise
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) as unknown as [string, string, string]
      cookies.set(name, value)
    }
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
  }
  return { ask, close: () => agent.destroy() }
}

/** From the next start on the console is for certificates. */
function askForCertificates(dataDir: string): void {
  const path = join(dataDir, 'config.toml')
  writeFileSync(path, readFileSync(path, 'utf8').replace('console = "link"', 'console = "certificate"'))
}

const tokenIn = (page: string): string => /name="form-token" value="([^"]+)"/.exec(page)?.[1] ?? ''

async function exportFile(words: readonly string[], file: string) {
  const { code, stdout, stderr } = await runWith([...words, '-o', file, '--json'])
  if (code !== 0) throw new Error(stderr)
  const made = JSON.parse(stdout) as { file: string; passphrase: string; thumbprint: string }
  return { ...made, identity: { pfx: readFileSync(made.file), passphrase: made.passphrase } }
}

t.test('staff of a node come with the file that the command line made, until they are removed', async (t) => {
  await using net = await startNetwork({ nodes: ['alice', 'bob'] })
  const alice = net.node('alice')
  const at = ['--data', alice.dataDir]
  const made = await exportFile(['node', 'staff', 'add', '赵丽', ...at], join(net.home, 'zhaoli.p12'))
  t.equal(statSync(made.file).mode & 0o777, 0o600)
  const other = await exportFile(['node', 'staff', 'add', '钱伟', ...at], join(net.home, 'qianwei.p12'))
  const ca = await authoritiesOf(net.hub.listeners()['public'] as string)
  await alice.stop()
  askForCertificates(alice.dataDir)
  await alice.start()
  const url = alice.listeners()['console'] as string
  t.match(url, /^https:/)
  t.equal((await alice.call<{ url: string }>('console')).url, `${url}/`, 'no link is made')

  const one = browser(url, ca, made.identity)
  const two = browser(url, ca, other.identity)
  const nobody = browser(url, ca)
  t.teardown(() => [one, two, nobody].forEach(({ close }) => void close()))
  await t.rejects(nobody.ask('/'), 'without a certificate there is no handshake')
  const page = await one.ask('/')
  t.equal(page.status, 200)
  t.match(page.body, '赵丽')
  t.match(
    page.headers['set-cookie']?.join(),
    /__Host-session-\d+=[^;]+;[^,]*Path=\/;[^,]*HttpOnly; Secure; SameSite=Strict/,
  )
  t.equal((await two.ask('/')).status, 200)
  const kept = await one.ask('/')
  t.equal(kept.headers['set-cookie'], undefined, 'one session, not one per request')
  const forged = await one.ask('/datasets/cosign', { dataset: 'x', 'form-token': 'guessed' })
  t.equal(forged.status, 403)
  t.match(forged.body, 'FORM_EXPIRED')

  t.match(
    JSON.parse((await runWith(['node', 'staff', 'list', ...at, '--json'])).stdout).map(
      ({ name, state }: { name: string; state: string }) => [name, state],
    ),
    [
      ['赵丽', 'good'],
      ['钱伟', 'good'],
    ],
  )
  t.equal((await runWith(['node', 'staff', 'remove', '赵丽', ...at])).code, 0)
  const gone = await one.ask('/')
  t.equal(gone.status, 403, 'the connection is the same; its certificate is asked for on each request')
  t.match(gone.body, /<h1[\s\S]*STAFF_UNKNOWN/, 'a page, with its headers')
  t.match(gone.headers['content-security-policy'], "default-src 'none'")
  t.equal((await one.ask('/healthz')).status, 403)
  t.equal((await two.ask('/')).status, 200, 'the others stay')
  t.match((await runWith(['node', 'staff', 'remove', '赵丽', ...at])).stderr, 'STAFF_UNKNOWN')

  const bob = net.node('bob')
  await bob.stop()
  askForCertificates(bob.dataDir)
  await t.rejects(bob.start(), { code: 'CONFIG_INVALID', facts: { key: 'console' } }, 'nobody could enter')
})

t.test('two people added at once are both vouched for', async (t) => {
  await using net = await startNetwork({ nodes: ['alice'] })
  const alice = net.node('alice')
  const names = ['甲', '乙', '丙']
  const made = await Promise.all(
    names.map((name) => alice.call<{ pkcs12: string; passphrase: string }>('staff-add', { name })),
  )
  const ca = await authoritiesOf(net.hub.listeners()['public'] as string)
  await alice.stop()
  askForCertificates(alice.dataDir)
  await alice.start()
  for (const [index, { pkcs12, passphrase }] of made.entries()) {
    const one = browser(alice.listeners()['console'] as string, ca, { pfx: Buffer.from(pkcs12, 'base64'), passphrase })
    t.match((await one.ask('/')).body, names[index] as string)
    one.close()
  }
})

t.test("an operator's certificate stands in what was decided with it, until it counts no more", async (t) => {
  const hub = await openHub(t)
  const pair = await enrolMember(hub, A)
  const [waiting] = await hub.call('queue')
  const at = ['--data', hub.dataDir]
  const file = (name: string) => join(hub.dataDir, '..', name)
  const made = await exportFile(['pki', 'export-p12', '--operator', '登记员', ...at], file('registrar.p12'))
  const second = await exportFile(['pki', 'export-p12', '--operator', '系统管理员', ...at], file('administrator.p12'))
  await t.rejects(hub.call('export-p12', { operator: '系统管理员', as: '登记员' }), { code: 'ROLE_REQUIRED' })
  askForCertificates(hub.dataDir)
  await hub.restart()
  const url = hub.listeners().console
  const ca = await authoritiesOf(hub.listeners().public)
  const one = browser(url, ca, made.identity)
  const two = browser(url, ca, second.identity)
  const member = browser(url, ca, {
    key: pair.tls.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: pair.chains.tls.map((der) => toPem('CERTIFICATE', fromBase64url(der))).join(''),
  })
  t.teardown(() => [one, two, member].forEach(({ close }) => void close()))

  for (const path of ['/', '/healthz', '/.well-known/hanghui', '/enter'])
    t.match(
      await member.ask(path),
      { status: 401, body: /<h1[\s\S]*CERTIFICATE_UNREGISTERED/ },
      `a node's own certificate: ${path}`,
    )

  const path = `/admissions/${waiting.id}`
  const form = { 'form-token': tokenIn((await one.ask(path)).body), decision: 'approve', reason: '' }
  t.equal((await two.ask(path, { ...form, 'form-token': tokenIn((await two.ask('/operators')).body) })).status, 403)
  t.equal((await two.ask(path, form)).status, 403, "another person's token")
  t.equal((await one.ask(path, { ...form, as: '系统管理员' })).status, 303)
  const db = new Database(join(hub.dataDir, 'hub.db'), { readonly: true })
  const decisions = db.prepare("SELECT text FROM trust_documents WHERE kind = 'decision'").all() as { text: string }[]
  db.close()
  t.match(
    decisions.map(({ text: signed }) => parseDocument('decision', signed).payload.by),
    [[{ operator: '登记员', via: { kind: 'certificate', thumbprint: made.thumbprint } }]],
  )

  await hub.call('operator-remove', { name: '登记员', role: 'registrar' })
  t.match(await one.ask('/'), { status: 401, body: 'CERTIFICATE_REVOKED' }, 'the last role is gone')
  t.equal((await two.ask('/')).status, 200)
  hub.move(366 * 86_400)
  t.match(await two.ask('/'), { status: 401, body: 'CERTIFICATE_EXPIRED' })
})

t.test('who came with a certificate or a link cannot be somebody else', async (t) => {
  const seen: unknown[] = []
  const actions = { note: action(closed({}, []), (_none, { as, via }) => void seen.push([as, via.kind])) }
  const context = { progress: () => {}, signal: new AbortController().signal }
  const thumbprint = 'a'.repeat(64)
  for (const via of [{ kind: 'certificate', thumbprint } as const, { kind: 'link' } as const]) {
    const mine = { ...context, via, as: '赵丽' }
    await t.rejects(runAction(actions, 'note', { as: '钱伟' }, mine), { code: 'BODY_INVALID', facts: { field: '/as' } })
    await runAction(actions, 'note', {}, mine)
  }
  await runAction(actions, 'note', { as: '钱伟' }, { ...context, via: { kind: 'control' } })
  t.same(seen, [
    ['赵丽', 'certificate'],
    ['赵丽', 'link'],
    ['钱伟', 'control'],
  ])
})
