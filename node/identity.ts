import { createHash } from 'node:crypto'
import { fromBase64url } from '#schemas/base64url.ts'
import type { Signer } from '#schemas/document.ts'
import { Refusal } from '#schemas/refusal.ts'
import { type PairKeys, readPairKeys } from './actions/certificate-request.ts'
import type { TlsNow } from './exchange-deps.ts'
import type { Pair, Pairs } from './store/pairs.ts'

/** The keys this node speaks with. Whoever holds it speaks for the association. */
export interface Identity {
  /** The newest pair. */
  pair(): Pair
  signer(): Signer
  tls(): TlsNow
  /** Every pair, oldest first. */
  pairs(): readonly Pair[]
  /** After a pair was added: from now on the newest one is used. */
  reload(): void
}

/** Opens the newest pair's keys; refuses a readable or unencrypted key (KEY_PERMISSIONS, KEY_UNREADABLE), and a folder without any. */
export function openIdentity({
  pairs,
  keys: folder,
  passphrase,
}: {
  readonly pairs: Pairs
  readonly keys: string
  readonly passphrase: string
}): Identity {
  let current = open()

  function open(): { list: readonly Pair[]; pair: Pair; signer: Signer; tls: TlsNow } {
    const list = pairs.list()
    const pair = list.at(-1)
    if (pair === undefined) throw new Refusal('NOT_INITIALISED', { rule: 'run hanghui node init again; it resumes' })
    const keys = readPairKeys(folder, pair.number, passphrase)
    return { list, pair, signer: signerOf(pair, keys), tls: tlsOf(pair, keys) }
  }

  return {
    pair: () => current.pair,
    signer: () => current.signer,
    tls: () => current.tls,
    pairs: () => current.list,
    reload() {
      current = open()
    },
  }
}

function signerOf(pair: Pair, { signing }: PairKeys): Signer {
  return { key: signing.privateKey, thumbprint: thumbprintOf(pair.signing) }
}

function tlsOf(pair: Pair, { tls }: PairKeys): TlsNow {
  return { key: tls.privateKey, chain: pair.tls.map(fromBase64url), thumbprint: thumbprintOf(pair.tls) }
}

/** SHA-256 of the leaf, hex. */
export function thumbprintOf([leaf]: readonly string[]): string {
  return createHash('sha256')
    .update(fromBase64url(leaf ?? ''))
    .digest('hex')
}
