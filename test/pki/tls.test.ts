import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { Agent, request } from 'undici'
import { memberOfCertificate } from '#pki/names.ts'
import {
  clientTlsOptions,
  expectHub,
  expectMember,
  peerCertificate,
  peerChain,
  serverTlsOptions,
  type TlsIdentity,
  unverifiedClientTlsOptions,
} from '#pki/tls.ts'
import { ALICE, BOB, tlsNetwork } from './tls-network.ts'

const now = new Date()

const home = await tlsNetwork(now)
const elsewhere = await tlsNetwork(now)
const alice = await home.node(ALICE)
const bob = await home.node(BOB)

/** A server that answers with the member of each caller, closed with the test. */
async function serve(
  t: Test,
  identity: TlsIdentity,
  clientCas: readonly Uint8Array[] | 'none' = home.cas,
): Promise<{ server: Server; port: number }> {
  const server = createServer(serverTlsOptions({ ...identity, clientCas }), (incoming, answer) => {
    answer.end(clientCas === 'none' ? 'anybody' : memberOfCertificate(peerCertificate(incoming.socket as TLSSocket)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, port: (server.address() as AddressInfo).port }
}

/** What a call brings: the answer, or the code of the failure. */
async function call(
  port: number,
  options: Parameters<typeof clientTlsOptions>[0],
  host = '127.0.0.1',
): Promise<string> {
  const agent = new Agent({ connect: clientTlsOptions(options) })
  try {
    const { body } = await request(`https://${host}:${port}/`, { dispatcher: agent })
    return await body.text()
  } catch (error) {
    return (error as { code?: string }).code ?? String(error)
  } finally {
    await agent.destroy()
  }
}

t.test('mutual: the server knows who calls, the caller knows who answers', async (t) => {
  const { port } = await serve(t, bob)
  const options = { identity: alice, serverCas: home.cas, expect: expectMember(BOB) }
  t.equal(await call(port, options), ALICE)
  t.equal(await call(port, { ...options, serverCas: [home.root.der] }), ALICE, 'the root alone is enough')
  t.equal(await call(port, { ...options, expect: expectMember(ALICE) }), 'CERTIFICATE_IDENTITY')
  t.equal(await call(port, { ...options, expect: expectHub() }), 'CERTIFICATE_IDENTITY', 'a member in the hub’s place')
  t.equal(await call(port, options, 'localhost'), 'ERR_TLS_CERT_ALTNAME_INVALID', 'the host name still counts')
  t.match(
    await call(port, { ...options, serverCas: elsewhere.cas }),
    /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO/,
    'another network',
  )
  t.throws(() => clientTlsOptions({ ...options, serverCas: [] }), { code: 'CERTIFICATE_UNTRUSTED' })
})

t.test('the hub proves its role, not only its name', async (t) => {
  const { port } = await serve(t, home.hub)
  const options = { identity: alice, serverCas: home.cas, expect: expectHub() }
  t.equal(await call(port, options), ALICE)
  t.equal(await call(port, options, 'localhost'), ALICE)
  t.equal(await call(port, { ...options, expect: expectMember(BOB) }), 'CERTIFICATE_IDENTITY')
})

t.test('whom a mutual listener does not let in', async (t) => {
  const { port } = await serve(t, bob)
  const options = { serverCas: home.cas, expect: expectMember(BOB) }
  const callers: [string, TlsIdentity | 'none'][] = [
    ['nobody', 'none'],
    ['a member of another network', await elsewhere.node(ALICE)],
    ['a signing certificate', home.signing],
    ['the hub, whose certificate is for serving only', home.hub],
  ]
  const refused = /^(UND_ERR_SOCKET|ERR_SSL_\w+|ECONNRESET|EPIPE)$/
  for (const [name, identity] of callers) t.match(await call(port, { ...options, identity }), refused, name)
  const old = await tlsNetwork(new Date(now.getTime() - 3 * 86_400_000))
  const both = [...home.cas, ...old.cas]
  const { port: open } = await serve(t, bob, both)
  t.match(await call(open, { ...options, identity: await old.node(ALICE) }), refused, 'a certificate that has ended')
  t.equal(await call(open, { ...options, identity: alice }), ALICE)
})

t.test('a listener without client certificates', async (t) => {
  const { port } = await serve(t, home.hub, 'none')
  t.equal(await call(port, { identity: 'none', serverCas: home.cas, expect: expectHub() }), 'anybody')
  t.throws(() => serverTlsOptions({ ...home.hub, clientCas: [] }), { code: 'CERTIFICATE_UNTRUSTED' })
})

interface Contact {
  readonly reused: boolean
  readonly protocol: string | null
  readonly session: Buffer | undefined
}

/** One connection by hand, kept until an answer has come, so that a ticket would have arrived. */
async function contact(port: number, more: ConnectionOptions): Promise<Contact> {
  const identity = clientTlsOptions({ identity: alice, serverCas: home.cas, expect: expectMember(BOB) })
  const socket = connect({ ...identity, host: '127.0.0.1', port, ...more })
  const sessions: Buffer[] = []
  socket.on('session', (session) => sessions.push(session))
  try {
    await once(socket, 'secureConnect')
    socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
    await once(socket, 'data')
    return { reused: socket.isSessionReused(), protocol: socket.getProtocol(), session: sessions[0] }
  } finally {
    socket.destroy()
  }
}

t.test('no session is ever resumed, also after the certificate was changed', async (t) => {
  const { server, port } = await serve(t, bob)
  for (const when of ['at first', 'after setSecureContext']) {
    const first = await contact(port, {})
    t.equal(first.protocol, 'TLSv1.3')
    const second = await contact(port, first.session === undefined ? {} : { session: first.session })
    t.equal(second.reused, false, when)
    server.setSecureContext(serverTlsOptions({ ...bob, clientCas: home.cas }))
  }
})

t.test('the other way round: tickets would revive a session, so the option is what stops it', async (t) => {
  const { server, port } = await serve(t, bob)
  const { secureOptions: _, ...loose } = serverTlsOptions({ ...bob, clientCas: home.cas })
  server.setSecureContext(loose)
  const first = await contact(port, {})
  if (first.session === undefined) throw new Error('no ticket came')
  t.equal((await contact(port, { session: first.session })).reused, true)
})

t.test('TLS 1.2 is not spoken', async (t) => {
  const { port } = await serve(t, bob)
  await t.rejects(contact(port, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' }))
})

t.test('at first contact the chain can be read before anything is believed', async (t) => {
  const { port } = await serve(t, home.hub, 'none')
  const socket = connect({ ...unverifiedClientTlsOptions(), host: '127.0.0.1', port })
  await once(socket, 'secureConnect')
  const chain = peerChain(socket)
  socket.destroy()
  t.equal(chain[1]?.thumbprint, home.issuing.thumbprint)
})
