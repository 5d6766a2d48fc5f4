/** The one door to @peculiar/x509. It costs 100 ms to import and only issuing needs it, so it opens on first use. */
import type { KeyObject } from 'node:crypto'
import type { KeyPair } from './keys.ts'
import { checkSubject, organizationIdentifier, type Subject } from './names.ts'

export type X509Library = typeof import('@peculiar/x509')

/** The library, loaded once by the runtime's module cache. */
export async function openX509(): Promise<X509Library> {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' } as const

/** A key as the library takes it; its types follow browsers, whose list of key uses is shorter than Node's. */
export type LibraryKey = CryptoKey

/** A P-256 key of ours in the form of the library. */
export function libraryKey(key: KeyObject, use: 'sign' | 'verify'): LibraryKey {
  return key.toCryptoKey(ECDSA, use === 'verify', [use]) as unknown as LibraryKey
}

/** A pair of ours in the form of the library. */
export function cryptoKeyPair(keys: KeyPair): { publicKey: LibraryKey; privateKey: LibraryKey } {
  return { publicKey: libraryKey(keys.publicKey, 'verify'), privateKey: libraryKey(keys.privateKey, 'sign') }
}

/** `C=CN, O, organizationIdentifier, OU=role, CN`, each value typed explicitly; throws NAME_INVALID. */
export function nameOf(x509: X509Library, subject: Subject) {
  const { commonName, organization, role, member } = checkSubject(subject)
  const attributes = [{ C: [{ printableString: 'CN' }] }, { O: [{ utf8String: organization }] }]
  const identifier = member === undefined ? [] : [{ '2.5.4.97': [{ utf8String: organizationIdentifier(member) }] }]
  return new x509.Name([
    ...attributes,
    ...identifier,
    { OU: [{ utf8String: role }] },
    { CN: [{ utf8String: commonName }] },
  ] as never)
}
