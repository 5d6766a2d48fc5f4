/**
 * Every number of the protocol in one table (`contract.md`, Limits); shown by `hanghui hub limits`.
 * The hub's policy and a node's settings may tighten these, never loosen them.
 */
export const LIMITS = {
  statusTtlSeconds: 60,
  statusAlarmSeconds: 3_600,
  statusExpirySeconds: 24 * 3_600,
  directoryExpirySeconds: 72 * 3_600,
  grantSeconds: 24 * 3_600,
  clockSkewSeconds: 120,
  certificateDays: 30,
  onlineCertificateDays: 365,
  renewalGraceDays: 90,
  enrolmentCodeSeconds: 72 * 3_600,
  enrolmentCodeBytes: 16,
  enrolmentFailuresPerMinute: 10,
  pullOpenSeconds: 7 * 24 * 3_600,
  acknowledgementDueSeconds: 3_600,
  agreementFinalSeconds: 30 * 24 * 3_600,
  checksAtOnce: 2,
  memberRequestsBurst: 600,
  memberRequestsPerSecond: 60,
  memberBodyBurstBytes: 8 * 1_048_576,
  memberBodyPerSecondBytes: 524_288,
  transferCutSeconds: 10,
  heartbeatSeconds: 10,
  trustRefreshSeconds: 5,
  chunkListBytes: 1_048_576,
  controlBodyBytes: 65_536,
  catalogEntryBytes: 1_048_576,
  sampleBytes: 65_536,
  jsonDepth: 32,
  jsonKeys: 1_000,
  headerBytes: 16_384,
  handshakeMilliseconds: 3_000,
  headersMilliseconds: 3_000,
  requestMilliseconds: 5_000,
  idleTransferMilliseconds: 30_000,
  uploadBytesPerSecond: 1_024,
  pageItems: 50,
  pageItemsMost: 200,
} as const

/** Which numbers a policy may tighten. */
export type TightenableLimit =
  | 'statusExpirySeconds'
  | 'directoryExpirySeconds'
  | 'grantSeconds'
  | 'pullOpenSeconds'
  | 'acknowledgementDueSeconds'

export type Limits = { readonly [K in keyof typeof LIMITS]: number }

/** The table with tighter numbers put in; a looser one is ignored, never obeyed. */
export function tightenLimits(...overrides: ReadonlyArray<Partial<Record<TightenableLimit, number>>>): Limits {
  const limits: Record<string, number> = { ...LIMITS }
  for (const override of overrides) {
    for (const [name, value] of Object.entries(override)) {
      const standing = limits[name]
      if (standing !== undefined && Number.isSafeInteger(value) && value > 0 && value < standing) limits[name] = value
    }
  }
  return limits as Limits
}
