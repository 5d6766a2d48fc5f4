import { fromBase64url } from '#schemas/base64url.ts'
import { checkCertificate } from '#schemas/certificates.ts'
import type { Clock } from '#schemas/clock.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { isRefusal, type Refusal } from '#schemas/refusal.ts'
import type { Commit } from '#schemas/storage/group-commit.ts'
import type { Journal } from '#schemas/storage/journal.ts'
import type { Trust } from '#schemas/trust.ts'
import type { Logger } from '#web/serving/log.ts'
import type { HubClient } from '../hub-client.ts'
import type { Identity } from '../identity.ts'
import type { Pair, Pairs, PendingPair } from '../store/pairs.ts'
import { acceptPair, parseIssued } from './accept-pair.ts'
import { makePairKeys, previousOf, readPairKeys, signRequest } from './certificate-request.ts'
import type { AlarmBell } from './raise-alarm.ts'

interface Deps {
  readonly member: string
  readonly endpoint: string | null
  /** Folder of the key files, and what opens them. */
  readonly keys: string
  readonly passphrase: string
  readonly trust: Trust
  readonly clock: Clock
  readonly commit: Commit
  readonly journal: Journal
  readonly log: Logger
  readonly pairs: Pairs
  readonly identity: Identity
  readonly hub: Pick<HubClient, 'postTo'>
  readonly bell: AlarmBell
  /** The new pair is in use from now on. */
  readonly renewed: () => Promise<void>
}

/** Rolls this node's keys over. */
export type Renewal = ReturnType<typeof createRenewal>

/** Refusals that no further try will mend: people have to. */
const FINAL = ['ALREADY_RENEWED', 'RENEWAL_TOO_LATE', 'CERTIFICATE_REVOKED'] as const

/** What people have to mend is not worth asking the hub about every minute. */
const REFUSED_SECONDS = 3_600

/**
 * Protocol 3.3: a new pair when a third of the old one's life remains, or on demand. Keys and request are on disk before
 * anything is sent, and a retry sends the same, so that one renewal never becomes two.
 */
export function createRenewal(deps: Deps) {
  const { clock, pairs, identity } = deps
  let running: Promise<Pair> | undefined
  let refusedUntil = 0

  function isDue(pair: Pair): boolean {
    const { notBefore, notAfter } = pair
    return clock.now() >= notAfter - (notAfter - notBefore) / 3 || !isListed(pair)
  }

  /** A CA that the newest root no longer lists takes its certificates with it; our keys are still registered. */
  function isListed({ tls, signing }: Pair): boolean {
    const { cas } = deps.trust.root()
    try {
      checkCertificate(fromBase64url(tls[0] ?? ''), 'tls-client', cas, clock.date())
      checkCertificate(fromBase64url(signing[0] ?? ''), 'member-signing', cas, clock.date())
      return true
    } catch (error) {
      if (isRefusal(error, 'CERTIFICATE_UNTRUSTED')) return false
      if (isRefusal(error)) return true
      throw error
    }
  }

  async function renewOnce(): Promise<Pair> {
    const pending = await findPending()
    const { answer, sent } = await send(pending)
    const keys = readPairKeys(deps.keys, sent.number, deps.passphrase)
    const pair = acceptPair(sent, answer, { keys, member: deps.member, root: deps.trust.root(), now: clock.date() })
    await deps.commit(() => {
      pairs.answer(pair)
      deps.journal.append('certificate-request', pair.request)
    })
    identity.reload()
    for (const code of FINAL) await deps.bell.end(code, deps.member)
    deps.log.info({ until: toRfc3339(pair.notAfter), number: pair.number }, 'certificates renewed')
    await deps.renewed()
    return pair
  }

  /** The one under way, as long as it follows on our newest pair; else a new one. */
  async function findPending(): Promise<PendingPair> {
    const pending = pairs.findPending()
    if (pending !== undefined && previousOf(pending.requestText) === identity.signer().thumbprint) return pending
    const number = pairs.nextNumber()
    const keys = makePairKeys(deps.keys, number, deps.passphrase)
    const made = { number, ...(await signRequest(keys, facts(), identity.signer())) }
    await deps.commit(() => {
      if (pending !== undefined) pairs.drop(pending.number)
      pairs.ask(made)
    })
    return made
  }

  async function send(pending: PendingPair) {
    try {
      return { answer: parseIssued(await post(pending.requestText)), sent: pending }
    } catch (error) {
      if (!isRefusal(error, 'STALE_REQUEST')) throw error
      // The hub never saw it: the same keys, asked for at this hour.
      const keys = readPairKeys(deps.keys, pending.number, deps.passphrase)
      const anew = { number: pending.number, ...(await signRequest(keys, facts(), identity.signer())) }
      await deps.commit(() => pairs.askAnew(anew))
      return { answer: parseIssued(await post(anew.requestText)), sent: anew }
    }
  }

  /** Where the member listener does not take the certificate any more (ended, or its CA gone), the enrolment listener asks for none. */
  async function post(request: string): Promise<unknown> {
    const ended = !(clock.now() < identity.pair().notAfter)
    if (ended) return deps.hub.postTo('enrolment', '/v1/renewals', { request })
    try {
      return await deps.hub.postTo('member', '/v1/certificates', { request })
    } catch (error) {
      // A handshake refused under TLS 1.3 looks like a connection that broke; the same request is answered once.
      if (!isRefusal(error, 'CERTIFICATE_EXPIRED', 'CERTIFICATE_UNTRUSTED', 'HUB_UNREACHABLE')) throw error
      return deps.hub.postTo('enrolment', '/v1/renewals', { request })
    }
  }

  const facts = () => ({ net: deps.trust.net, member: deps.member, iat: clock.now(), endpoint: deps.endpoint })

  async function tellRefused(error: Refusal): Promise<void> {
    await deps.bell.raise(error.code, deps.member, {
      zh: `证书不能换发：${error.code}；请联系共享中心`,
      en: `The certificates cannot be renewed: ${error.code}; contact the hub`,
    })
  }

  /** Renews now; throws what the hub refuses. One renewal at a time, whoever asks. */
  function renew(): Promise<Pair> {
    running ??= renewOnce().finally(() => {
      running = undefined
    })
    return running
  }

  return {
    renew,
    /** Renews when it is time, or when a renewal was cut off; refusals become alarms, an absent hub is tried again. */
    async renewDue(): Promise<void> {
      if (!(isDue(identity.pair()) || pairs.findPending() !== undefined)) return
      if (clock.now() < refusedUntil) return
      try {
        await renew()
      } catch (error) {
        if (!isRefusal(error)) throw error
        if (FINAL.some((code) => code === error.code)) {
          refusedUntil = clock.now() + REFUSED_SECONDS
          await tellRefused(error)
        } else deps.log.warn({ refused: error.code }, 'renewal will be tried again')
      }
    },
  }
}
