import { generateKeyPair, type KeyPair, spkiOf } from '#pki/keys.ts'
import { makeCsr } from '#pki/requests.ts'
import { fromBase64url, toBase64url } from '#schemas/base64url.ts'
import { createClock } from '#schemas/clock.ts'
import { signDocument } from '#schemas/document.ts'
import { newJti, sha256 } from '#schemas/hash.ts'
import { isRefusal } from '#schemas/refusal.ts'
import { createTrust, type Trust } from '#schemas/trust.ts'
import { verifyRootLine } from '#schemas/verify-root.ts'
import { createHubClient } from '../../node/hub-client.ts'
import type { Answer, Party } from './world.ts'

/** A member without a node: its keys, its connection, and what the hub makes it believe. */
export interface WireParty extends Omit<Party, 'member'> {
  readonly trust: Trust
  /** Fetches directory and status list and verifies both. */
  refresh(): Promise<void>
  /** Reads the event stream until `enough`; gives the lines heard by then. */
  listen(enough: (lines: readonly string[]) => boolean): Promise<readonly string[]>
  close(): Promise<void>
}

/** Where a running hub is, by the names of its listeners. */
type Listeners = () => Readonly<Record<string, string>>

/** Uses an enrolment code over the wire as a node would (Protocol 3.2). */
export async function enrolOverWire(listeners: Listeners, code: string): Promise<WireParty> {
  const { s: secret, f: fingerprint, m: member } = JSON.parse(Buffer.from(fromBase64url(code.slice(4))).toString())
  const { roots } = (await (await fetch(`${listeners()['public']}/v1/root`)).json()) as { roots: string[] }
  const clock = createClock(Date.now, 0, () => {})
  const trust = createTrust(verifyRootLine(roots, fingerprint), clock)
  const keys = { tls: generateKeyPair(), signing: generateKeyPair() }
  const subject = (role: 'node-tls' | 'node-signing') => ({ commonName: member, organization: member, role, member })
  const csr = async (pair: KeyPair, role: 'node-tls' | 'node-signing') => ({
    csr: toBase64url(await makeCsr(pair, subject(role))),
  })
  const request = signDocument(
    'certificate-request',
    {
      net: trust.net,
      jti: newJti(),
      iat: clock.now(),
      member,
      previous: null,
      tls: await csr(keys.tls, 'node-tls'),
      signing: await csr(keys.signing, 'node-signing'),
      endpoint: null,
    },
    { key: keys.signing.privateKey, thumbprint: sha256(spkiOf(keys.signing.publicKey)) },
  )
  const chains: { tls?: Uint8Array[]; signing?: Uint8Array[] } = {}
  const thumbprintOf = (use: 'tls' | 'signing') => sha256(chains[use]?.[0] as Uint8Array)
  const client = createHubClient({
    root: () => trust.root(),
    address: (listener) => listeners()[listener] as string,
    identity: () =>
      chains.tls === undefined
        ? undefined
        : { key: keys.tls.privateKey, chain: chains.tls, thumbprint: thumbprintOf('tls') },
    now: () => clock.date(),
  })
  const enrolled = (await client.postTo('enrolment', '/v1/enrolments', { secret, request })) as {
    certificates: { tls: string[]; signing: string[] }
  }
  chains.tls = enrolled.certificates.tls.map(fromBase64url)
  chains.signing = enrolled.certificates.signing.map(fromBase64url)

  async function answer(asked: Promise<unknown>): Promise<Answer> {
    try {
      return { status: 200, body: await asked, headers: {} }
    } catch (error) {
      if (!isRefusal(error)) throw error
      return { status: error.status, body: error.problem(), headers: {} }
    }
  }

  async function refresh(): Promise<void> {
    const fetched = async (path: string) => (await client.fetch(path)) as { body: Buffer }
    const directory = (await fetched('/v1/directory')).body.toString()
    const { parts } = JSON.parse(Buffer.from(directory.split('.')[1] as string, 'base64url').toString()) as {
      parts: string[]
    }
    const bodies = await Promise.all(
      parts.map(async (hash) => [hash, (await fetched(`/v1/directory/parts/${hash}`)).body] as const),
    )
    trust.acceptDirectory(directory, new Map(bodies))
    trust.acceptStatus((await fetched('/v1/status')).body.toString())
  }

  async function listen(enough: (lines: readonly string[]) => boolean): Promise<readonly string[]> {
    const abort = new AbortController()
    const lines: string[] = []
    const timer = setTimeout(() => abort.abort(), 10_000)
    try {
      for await (const piece of await client.openStream('/v1/events', abort.signal)) {
        lines.push(
          ...piece
            .toString()
            .split('\n')
            .filter((line) => line !== '' && line !== ':'),
        )
        if (enough(lines)) break
      }
    } finally {
      clearTimeout(timer)
      abort.abort()
    }
    return lines
  }

  return {
    id: member,
    trust,
    refresh,
    listen,
    signer: () => ({ key: keys.signing.privateKey, thumbprint: thumbprintOf('signing') }),
    tls: () => thumbprintOf('tls'),
    get: (path) => answer(client.get(path)),
    post: (path, body) => answer(client.post(path, body)),
    close: () => client.close(),
  }
}
