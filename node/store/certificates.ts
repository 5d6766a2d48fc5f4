import type { MemberEntry } from '#schemas/kinds.ts'
import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** A certificate that a directory of ours registered, now or before; times in Unix seconds. */
export interface ArchivedCertificate {
  readonly thumbprint: string
  readonly member: string
  readonly use: 'tls' | 'signing'
  /** Base64url DER. */
  readonly certificate: string
  /** Hash of the request it came from. */
  readonly request: string
  /** Its place in the status list. */
  readonly place: number
}

/** Certificates of all members as seen: what makes old signatures verifiable after a 30-day certificate has ended. */
export type Certificates = ReturnType<typeof createCertificates>

/** Over table `certificates`; changes inside the caller's transaction. */
export function createCertificates(db: OpenDatabase) {
  const one = db.prepare<[string], ArchivedCertificate>(
    'SELECT thumbprint, member, use, certificate, request, place FROM certificates WHERE thumbprint = ?',
  )
  const upsert = db.prepare<[ArchivedCertificate & { now: number }]>(
    `INSERT INTO certificates (thumbprint, member, use, certificate, request, place, first_seen, last_seen)
     VALUES (@thumbprint, @member, @use, @certificate, @request, @place, @now, @now)
     ON CONFLICT (thumbprint) DO UPDATE SET last_seen = excluded.last_seen`,
  )
  const pin = db.prepare<[string]>('UPDATE certificates SET pinned = 1 WHERE thumbprint = ?')
  const forget = db.prepare<[number]>('DELETE FROM certificates WHERE pinned = 0 AND last_seen < ?')

  return {
    find: (thumbprint: string): ArchivedCertificate | undefined => one.get(thumbprint),
    /** All certificates of an accepted directory; `now` is its `iat`. */
    see(members: Iterable<Pick<MemberEntry, 'id' | 'certificates'>>, now: number): void {
      for (const { id, certificates } of members) {
        for (const { thumbprint, use, certificate, request, status } of certificates)
          upsert.run({ thumbprint, member: id, use, certificate, request, place: status, now })
      }
    },
    /** A kept document bears its signature. */
    pin: (thumbprint: string): void => void pin.run(thumbprint),
    prune: (before: number): void => void forget.run(before),
  }
}
