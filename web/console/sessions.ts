import { randomBytes, timingSafeEqual } from 'node:crypto'
import { sha256 } from '#schemas/hash.ts'
import type { Tone } from '../components/words.ts'
import type { Door } from '../serving/actions.ts'

/** Something to say on the next page, once. */
export interface Flash {
  readonly tone: Tone
  readonly text: string
}

/** A person at work. */
export interface Session {
  readonly id: string
  readonly name: string
  readonly via: Exclude<Door, { kind: 'control' }>
  /** Stands in every form (threats I1). */
  readonly formToken: string
  flashes: Flash[]
}

/** Sessions in memory: a restart ends them. Ids are kept as hashes, ended after 30 minutes of rest and 12 hours in all (threats I4). */
export type Sessions = ReturnType<typeof createSessions>

const ID_BYTES = 32
const IDLE_SECONDS = 1_800
const LIFE_SECONDS = 43_200
const sessionsMost = 200
/** Whoever begins more (a program that keeps no cookies) ends their own oldest, not those of others. */
const ofOnePersonMost = 10

interface Kept {
  readonly session: Session
  readonly began: number
  seen: number
}

/** `now`: Unix seconds. */
export function createSessions(now: () => number) {
  const open = new Map<string, Kept>()

  function isOver({ began, seen }: Kept): boolean {
    return now() - seen >= IDLE_SECONDS || now() - began >= LIFE_SECONDS
  }

  /** Map order is order of entering: the oldest go first. */
  function makeRoomFor(name: string): void {
    for (const [hash, kept] of open) if (isOver(kept)) open.delete(hash)
    const own = [...open].filter(([, { session }]) => session.name === name).map(([hash]) => hash)
    for (const hash of own.slice(0, Math.max(0, own.length - ofOnePersonMost + 1))) open.delete(hash)
    for (const hash of open.keys()) {
      if (open.size < sessionsMost) break
      open.delete(hash)
    }
  }

  return {
    /** Begins a session; returns it with the secret for the cookie. */
    begin(name: string, via: Session['via']): { session: Session; secret: string } {
      makeRoomFor(name)
      const secret = randomBytes(ID_BYTES).toString('base64url')
      const hash = sha256(secret)
      const session: Session = {
        id: hash,
        name,
        via,
        formToken: randomBytes(ID_BYTES).toString('base64url'),
        flashes: [],
      }
      open.set(hash, { session, began: now(), seen: now() })
      return { session, secret }
    },
    /** The session of a cookie, unless it is over; being found keeps it alive. */
    find(secret: string | undefined): Session | undefined {
      if (secret === undefined) return undefined
      const hash = sha256(secret)
      const kept = open.get(hash)
      if (kept === undefined) return undefined
      if (isOver(kept)) {
        open.delete(hash)
        return undefined
      }
      kept.seen = now()
      return kept.session
    },
    end: (session: Session): void => void open.delete(session.id),
  }
}

/** Name of the hidden field that every form holds. */
export const FORM_TOKEN = 'form-token'

/** Is this the token of the session's forms? Told in constant time. */
export function isFormToken({ formToken }: Session, given: string): boolean {
  const [one, other] = [Buffer.from(sha256(formToken)), Buffer.from(sha256(given))]
  return timingSafeEqual(one, other)
}
