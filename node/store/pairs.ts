import type { OpenDatabase } from '#schemas/storage/open-database.ts'

/** One pair of ours: TLS and signing, from one request. Chains are base64url DER, leaf first; times in Unix seconds. */
export interface Pair {
  readonly number: number
  readonly request: string
  readonly requestText: string
  readonly tls: readonly string[]
  readonly signing: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
}

/** A pair that was asked for and not answered yet. */
export type PendingPair = Pick<Pair, 'number' | 'request' | 'requestText'>

interface Row {
  readonly number: number
  readonly request: string
  readonly request_text: string
  readonly tls: string | null
  readonly signing: string | null
  readonly not_before: number
  readonly not_after: number
}

/**
 * The papers of our own keys; the private halves lie in `keys/<number>-tls.pem` and `keys/<number>-signing.pem`.
 * Trusted: a certificate under our id that is not from here is foreign.
 */
export type Pairs = ReturnType<typeof createPairs>

/** Over tables `pairs` and `earlier_requests`; changes inside the caller's transaction. */
export function createPairs(db: OpenDatabase) {
  const answered = db.prepare<[], Row>('SELECT * FROM pairs WHERE tls IS NOT NULL ORDER BY number')
  const pending = db.prepare<[], Row>('SELECT * FROM pairs WHERE tls IS NULL ORDER BY number DESC LIMIT 1')
  const insert = db.prepare<[number, string, string]>(
    'INSERT INTO pairs (number, request, request_text) VALUES (?, ?, ?)',
  )
  const next = db.prepare<[], { n: number }>('SELECT coalesce(max(number), 0) + 1 AS n FROM pairs')
  const keepEarlier = db.prepare<[number]>(
    'INSERT INTO earlier_requests (request, number, request_text) SELECT request, number, request_text FROM pairs WHERE number = ?',
  )
  const replace = db.prepare<[string, string, number]>(
    'UPDATE pairs SET request = ?, request_text = ? WHERE number = ?',
  )
  const answer = db.prepare<[string, string, number, number, string, string, number]>(
    'UPDATE pairs SET tls = ?, signing = ?, not_before = ?, not_after = ?, request = ?, request_text = ? WHERE number = ?',
  )
  const asked = db.prepare<[string, string], { text: string }>(
    `SELECT request_text AS text FROM pairs WHERE request = ?
     UNION ALL SELECT request_text AS text FROM earlier_requests WHERE request = ?`,
  )
  const remove = db.prepare<[number]>('DELETE FROM pairs WHERE number = ? AND tls IS NULL')
  const removeEarlier = db.prepare<[number]>('DELETE FROM earlier_requests WHERE number = ?')

  return {
    /** Answered ones, oldest first. */
    list: (): Pair[] => answered.all().map(pairOf),
    findPending(): PendingPair | undefined {
      const row = pending.get()
      return row && { number: row.number, request: row.request, requestText: row.request_text }
    },
    nextNumber: (): number => (next.get() as { n: number }).n,
    /** Before the request is sent. */
    ask: ({ number, request, requestText }: PendingPair): void => void insert.run(number, request, requestText),
    /** The same keys asked for anew: the hub had not seen the earlier request in time. */
    askAnew({ number, request, requestText }: PendingPair): void {
      keepEarlier.run(number)
      replace.run(request, requestText, number)
    },
    answer: (pair: Pair): void =>
      void answer.run(
        JSON.stringify(pair.tls),
        JSON.stringify(pair.signing),
        pair.notBefore,
        pair.notAfter,
        pair.request,
        pair.requestText,
        pair.number,
      ),
    /** Text of a request that we signed, answered or not; undefined for one that is not ours. */
    requestText: (request: string): string | undefined => asked.get(request, request)?.text,
    /** A request that was refused for good; its keys go. */
    drop(number: number): void {
      removeEarlier.run(number)
      remove.run(number)
    },
  }
}

function pairOf(row: Row): Pair {
  return {
    number: row.number,
    request: row.request,
    requestText: row.request_text,
    tls: JSON.parse(row.tls ?? '[]') as string[],
    signing: JSON.parse(row.signing ?? '[]') as string[],
    notBefore: row.not_before,
    notAfter: row.not_after,
  }
}
