/** What a certificate may be used for: one table, looked up by `verifyChain`. */
import { EKU } from './extensions.ts'
import type { Role } from './names.ts'

export interface PurposeRule {
  /** Extended key usage must be exactly one of these sets; empty: an authority, which has none. */
  readonly extendedKeyUsage: readonly (readonly string[])[]
  /** Roles of our own authority's certificates that serve the purpose. */
  readonly roles: readonly Role[]
  /** Whether certificates of external licensed authorities can serve it. They never speak for the hub or its people. */
  readonly external: boolean
  /** Whether the key signs documents, which are ES256 only. */
  readonly p256Only: boolean
}

const node = [EKU.clientAuth, EKU.serverAuth] as const

export const PURPOSES = {
  'tls-client': { extendedKeyUsage: [node], roles: ['node-tls'], external: true, p256Only: false },
  'tls-server': {
    extendedKeyUsage: [node, [EKU.serverAuth]],
    roles: ['node-tls', 'hub-tls'],
    external: true,
    p256Only: false,
  },
  'member-signing': {
    extendedKeyUsage: [[EKU.documentSigning]],
    roles: ['node-signing'],
    external: true,
    p256Only: true,
  },
  'hub-document': {
    extendedKeyUsage: [[EKU.documentSigning]],
    roles: ['hub-directory', 'hub-grant', 'hub-log'],
    external: false,
    p256Only: true,
  },
  operator: { extendedKeyUsage: [[EKU.clientAuth]], roles: ['operator'], external: false, p256Only: true },
  staff: { extendedKeyUsage: [[EKU.clientAuth]], roles: ['staff'], external: false, p256Only: true },
  /** The certificate is an authority whose CRL is to be believed. */
  crl: { extendedKeyUsage: [], roles: ['root', 'issuing'], external: true, p256Only: false },
} as const satisfies Record<string, PurposeRule>

export type Purpose = keyof typeof PURPOSES
