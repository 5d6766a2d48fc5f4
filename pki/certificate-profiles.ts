/** What each kind of certificate of our own authority says and how long it lives: one table for issuing and verifying. */
import { EKU, type KeyUsage } from './extensions.ts'
import type { Role } from './names.ts'

const day = 1
const year = 365 * day

export interface CertificateProfile {
  readonly maxDays: number
  readonly keyUsage: readonly KeyUsage[]
  readonly extendedKeyUsage: readonly string[]
  /** How many authorities may stand below; `none` for an end entity. */
  readonly pathLength: number | 'none'
  /** Whether the subject must, or must not, carry a 统一社会信用代码. */
  readonly member: 'required' | 'forbidden' | 'optional'
}

const leaf = { keyUsage: ['digitalSignature'], pathLength: 'none' } as const
const authority = { keyUsage: ['keyCertSign', 'cRLSign'], extendedKeyUsage: [] } as const
const online = { ...leaf, maxDays: year, extendedKeyUsage: [EKU.documentSigning], member: 'forbidden' } as const

export const CERTIFICATE_PROFILES = {
  // A node's own small authority for its staff names the member; the network's root names nobody.
  root: { ...authority, maxDays: 20 * year, pathLength: 1, member: 'optional' },
  issuing: { ...authority, maxDays: 5 * year, pathLength: 0, member: 'forbidden' },
  'node-tls': { ...leaf, maxDays: 30 * day, extendedKeyUsage: [EKU.clientAuth, EKU.serverAuth], member: 'required' },
  'node-signing': { ...leaf, maxDays: 30 * day, extendedKeyUsage: [EKU.documentSigning], member: 'required' },
  'hub-tls': { ...leaf, maxDays: 90 * day, extendedKeyUsage: [EKU.serverAuth], member: 'forbidden' },
  'hub-directory': online,
  'hub-grant': online,
  'hub-log': online,
  operator: { ...leaf, maxDays: year, extendedKeyUsage: [EKU.clientAuth], member: 'forbidden' },
  staff: { ...leaf, maxDays: year, extendedKeyUsage: [EKU.clientAuth], member: 'required' },
} as const satisfies Record<Role, CertificateProfile>

/** Certificates begin this long before they are issued, so that a clock a little behind does not refuse them. */
export const backdateSeconds = 300
