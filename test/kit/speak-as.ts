import { createPublicKey } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { Agent } from 'undici'
import { readPrivateKey } from '#pki/keys.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { clientTlsOptions, type TlsIdentity } from '#pki/tls.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { parseDocument, type Signer } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import type { Root } from '#schemas/kinds.ts'
import { type Answered, type Asking, send, sendAndRead } from './send.ts'
import type { Network, Party } from './start-network.ts'

/** What a hostile member can do: its node's own keys, without its node's manners. */
export interface Voice {
  readonly id: string
  readonly net: string
  readonly signer: () => Signer
  readonly identity: TlsIdentity
  /** Thumbprint of its TLS certificate. */
  readonly holder: string
  /** One request over a connection that stays open between calls; `code` is a problem's, '' otherwise. */
  ask(url: string, asking?: Asking): Promise<Answered>
  /** An answer whose body is read when `drain` is called; it gives the bytes that came before the end or the break. */
  begin(url: string, asking?: Asking): Promise<{ readonly status: number; drain(): Promise<number> }>
  /** Connections opened so far. */
  connections(): number
  close(): Promise<void>
}

/** Authorities of the network's newest root, as its members know them. */
export function authoritiesOf(network: Network): Buffer[] {
  return rootOf(network).cas.flatMap(({ certificates }) => certificates.map((one) => Buffer.from(fromBase64url(one))))
}

function rootOf({ hub }: Network): Root {
  return withDatabase(join(hub.dataDir, 'hub.db'), (db) => {
    const { text } = db.prepare('SELECT text FROM roots ORDER BY version DESC').get() as { text: string }
    return parseDocument('root', text).payload
  })
}

/** Reads a server's database beside the running server. */
export function withDatabase<T>(path: string, read: (db: Database.Database) => T): T {
  const db = new Database(path, { readonly: true, fileMustExist: true })
  try {
    return read(db)
  } finally {
    db.close()
  }
}

/** The newest keys of a node of this network, taken from its folder. */
export function speakAs(network: Network, who: string): Voice {
  const party = network.nodes[who] as Party
  const { number, tls, signing } = withDatabase(
    join(party.dataDir, 'node.db'),
    (db) =>
      db.prepare('SELECT number, tls, signing FROM pairs WHERE tls IS NOT NULL ORDER BY number DESC').get() as {
        number: number
        tls: string
        signing: string
      },
  )
  const passphrase = readFileSync(join(network.home, `${who}.pass`), 'utf8').trim()
  const keyOf = (use: string) => readPrivateKey(join(party.dataDir, 'keys', `${number}-${use}.pem`), passphrase)
  const chainOf = (text: string) => (JSON.parse(text) as string[]).map((one) => Buffer.from(fromBase64url(one)))
  return openVoice(network, party.id, { key: keyOf('tls'), chain: chainOf(tls) }, () => ({
    key: keyOf('signing'),
    thumbprint: sha256(chainOf(signing)[0] as Buffer),
  }))
}

/** Anybody with a TLS key and chain. */
export function openVoice(network: Network, id: string, identity: TlsIdentity, signer: () => Signer): Voice {
  const agent = new Agent({
    connections: 1,
    connect: clientTlsOptions({ identity, serverCas: authoritiesOf(network), expect: () => {} }),
  })
  let opened = 0
  agent.on('connect', () => {
    opened += 1
  })
  return {
    id,
    net: network.fingerprint,
    signer,
    identity,
    holder: sha256(identity.chain[0] as Uint8Array),
    ask: (url, asking) => sendAndRead(agent, url, asking),
    async begin(url, asking) {
      const { statusCode, body } = await send(agent, url, asking)
      return {
        status: statusCode,
        async drain() {
          let bytes = 0
          try {
            for await (const piece of body) bytes += (piece as Buffer).length
          } catch (error) {
            if (!(error instanceof Error && 'code' in error)) throw error
          }
          return bytes
        },
      }
    },
    connections: () => opened,
    close: () => agent.destroy(),
  }
}

/** The hub's private keys of one use, as a thief of its folder and passphrase has them; online ones with their certificate's thumbprint. */
export function stealHubKey(network: Network, use: 'issuing' | 'grant' | 'directory'): Signer {
  const folder = join(network.hub.dataDir, 'keys')
  const name = readdirSync(folder).find((one) => one.startsWith(`${use}-`)) as string
  const key = readPrivateKey(join(folder, name), readFileSync(join(network.home, 'hub.pass'), 'utf8').trim())
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const isIts = (der: Uint8Array) => Buffer.from(parseCertificate(der).publicKey.der).equals(spki)
  const { cas, keys } = rootOf(network)
  const certificates = [...cas.flatMap((ca) => ca.certificates), ...keys.map(({ certificate }) => certificate)]
  const der = certificates.map((one) => Buffer.from(fromBase64url(one))).find(isIts) as Buffer
  return { key, thumbprint: sha256(der) }
}
