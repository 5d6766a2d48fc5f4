import type { KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type KeyPair, keyPairOf, readPrivateKey, spkiOf, writePrivateKey } from '#pki/keys.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { sha256 } from '#schemas/hash.ts'

/** What a key of the hub is for; it stands in the file's name. */
export type KeyUse = 'root' | 'issuing' | 'directory' | 'grant' | 'log' | 'tls'

/** The hub's private keys, one encrypted file each (0600). Whoever reads them and the passphrase is the hub. */
export type Keyring = ReturnType<typeof openKeyring>

/**
 * Opens every key of the folder; KEY_PERMISSIONS, KEY_UNREADABLE. A key is found by its public half, so files need no
 * index that a crash could leave behind them. The root key alone is read anew at each use and never kept in memory.
 */
export function openKeyring(folder: string, passphrase: string) {
  const keys = new Map<string, KeyObject>()
  if (existsSync(folder)) for (const name of namesIn(folder)) remember(name, read(name))

  function read(name: string): KeyObject {
    return refusingPki(() => readPrivateKey(join(folder, name), passphrase))
  }

  function remember(name: string, key: KeyObject): void {
    if (!name.startsWith('root-')) keys.set(keyHash(keyPairOf(key).publicKey), key)
  }

  return {
    /** The private key of a certificate, by its SubjectPublicKeyInfo in DER. */
    find: (spki: Uint8Array): KeyObject | undefined => keys.get(sha256(spki)),
    /** The root key of this public half, if it lies here. */
    findRoot(spki: Uint8Array): KeyObject | undefined {
      const name = fileName('root', sha256(spki))
      return existsSync(join(folder, name)) ? read(name) : undefined
    },
    /** Durable before it returns: a key is stored before anything names it. */
    add(use: KeyUse, pair: KeyPair): void {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const name = fileName(use, keyHash(pair.publicKey))
      refusingPki(() => writePrivateKey(join(folder, name), pair.privateKey, passphrase))
      remember(name, pair.privateKey)
    },
    remove(use: KeyUse, spki: Uint8Array): void {
      rmSync(join(folder, fileName(use, sha256(spki))), { force: true })
      keys.delete(sha256(spki))
    },
  }
}

/** Names of the key files of a folder. */
export function namesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.key'))
    .sort()
}

function fileName(use: KeyUse, hash: string): string {
  return `${use}-${hash.slice(0, 16)}.key`
}

function keyHash(publicKey: KeyObject): string {
  return sha256(spkiOf(publicKey))
}
