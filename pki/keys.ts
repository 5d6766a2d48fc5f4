/** P-256 key pairs and their files. Whoever can read a key file and its passphrase can sign as its owner. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeDurably } from './durable-file.ts'
import { PkiError } from './error.ts'
import { readSecretFile } from './secret-file.ts'

export interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

/** A fresh P-256 pair. */
export function generateKeyPair(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

/** The pair of a P-256 private key; throws KEY_UNREADABLE for any other kind of key. */
export function keyPairOf(privateKey: KeyObject): KeyPair {
  if (!(privateKey.type === 'private' && isP256(privateKey))) throw new PkiError('KEY_UNREADABLE', 'key-type')
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

/** SubjectPublicKeyInfo in DER. */
export function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' })
}

/** 256 random bits, base64url. Encrypted PKCS#8 of this runtime stretches a passphrase by 2,048 rounds only, so it must be random. */
export function newPassphrase(): string {
  return randomBytes(32).toString('base64url')
}

/** Writes the key as encrypted PKCS#8 PEM (AES-256, PBKDF2), mode 0600, durably; replaces the file whole or not at all. */
export function writePrivateKey(path: string, key: KeyObject, passphrase: string): void {
  checkPassphrase(path, passphrase)
  writeDurably(path, key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }), 0o600)
}

/** The P-256 private key in the file. Throws KEY_PERMISSIONS (see `readSecretFile`), KEY_UNREADABLE for a wrong passphrase or an unencrypted key. */
export function readPrivateKey(path: string, passphrase: string): KeyObject {
  const pem = readSecretFile(path)
  // A key that lies unencrypted would open with any passphrase at all.
  if (!pem.startsWith('-----BEGIN ENCRYPTED PRIVATE KEY-----')) throw new PkiError('KEY_UNREADABLE', 'file', { path })
  checkPassphrase(path, passphrase)
  return keyPairOf(decryptKey(path, pem, passphrase)).privateKey
}

function decryptKey(path: string, pem: string, passphrase: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', passphrase })
  } catch {
    throw new PkiError('KEY_UNREADABLE', 'passphrase', { path })
  }
}

function checkPassphrase(path: string, passphrase: string): void {
  if (!(passphrase.length >= 16)) throw new PkiError('KEY_UNREADABLE', 'passphrase', { path })
}

function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
}

/** Passphrase in the file, made first when there is none. For `init` only: starting a server reads, it never creates. */
export function ensurePassphraseFile(path: string): string {
  if (!existsSync(path)) writeDurably(path, `${newPassphrase()}\n`, 0o600)
  return readPassphraseFile(path)
}

/** Passphrase in the file, at least 16 characters on one line. Throws KEY_PERMISSIONS, KEY_UNREADABLE. */
export function readPassphraseFile(path: string): string {
  const passphrase = readSecretFile(path).replace(/\r?\n$/, '')
  checkPassphrase(path, passphrase)
  return passphrase
}
