import { hexToBase64url } from '#schemas/base64url.ts'
import { signDocument } from '#schemas/document.ts'
import { newJti } from '#schemas/hash.ts'
import type { Grant } from '#schemas/kinds.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'
import type { AgreementRecord, ExchangeDeps } from '../exchange-deps.ts'
import type { Grants, StoredGrant } from '../store/grants.ts'

type Deps = Pick<
  ExchangeDeps,
  'member' | 'trust' | 'clock' | 'commit' | 'log' | 'agreements' | 'hub' | 'signer' | 'tls'
> & {
  readonly grants: Grants
}

/** Grants of this node as a consumer. */
export type GrantHolder = ReturnType<typeof createGrantHolder>

const ANSWER = closed({ grant: { type: 'string', maxLength: 65_536 } }, ['grant'])
/** A grant about to end is not worth opening a connection for. */
const MARGIN_SECONDS = 5
const KEPT_SECONDS = 24 * 3_600

/** Protocol 6.1: a grant for every running agreement, renewed at half its life, so that pulls go on without the hub. */
export function createGrantHolder({ member, trust, clock, commit, log, agreements, hub, signer, tls, grants }: Deps) {
  const fetching = new Map<string, Promise<StoredGrant>>()

  const findRunning = (agreement: string): StoredGrant | undefined => {
    const held = grants.findRunning(agreement, tls().thumbprint, clock.now() + MARGIN_SECONDS)
    return held !== undefined && isNamed(held) ? held : undefined
  }

  /** A newer root may have dropped the key that signed it: every owner refuses it then, to the end of its life. */
  function isNamed({ text }: StoredGrant): boolean {
    try {
      trust.verifyHub('grant', text)
      return true
    } catch (error) {
      if (isRefusal(error)) return false
      throw error
    }
  }

  /** The grant at hand for the certificate of this moment, else a new one. Throws what the hub refuses, HUB_UNREACHABLE. */
  async function getGrant(record: AgreementRecord): Promise<StoredGrant> {
    return findRunning(record.id) ?? (await fetchGrant(record))
  }

  /** One request at a time per agreement, whoever asks. */
  function fetchGrant(record: AgreementRecord): Promise<StoredGrant> {
    const running = fetching.get(record.id)
    if (running !== undefined) return running
    const made = request(record).finally(() => fetching.delete(record.id))
    fetching.set(record.id, made)
    return made
  }

  async function request(record: AgreementRecord): Promise<StoredGrant> {
    const holder = tls().thumbprint
    const text = signDocument(
      'grant-request',
      { net: trust.net, jti: newJti(), iat: clock.now(), agreement: record.id, holder },
      signer(),
    )
    const answer = validate(ANSWER, await hub.post('/v1/grants', { request: text }), 'PEER_MISBEHAVED')
    const { payload } = trust.verifyHub('grant', answer.grant)
    requireOurs(payload, record, holder)
    await commit(() => {
      grants.add(payload, holder, answer.grant)
      grants.prune(clock.now() - KEPT_SECONDS)
    })
    const { jti, agreement, iat, exp } = payload
    return { jti, agreement, holder, iat, exp, text: answer.grant }
  }

  function requireOurs(grant: Grant, { id, payload }: AgreementRecord, holder: string): void {
    const fits =
      grant.sub === member &&
      grant.aud === ownerOf(payload.dataset) &&
      grant.agreement === id &&
      grant.dataset === payload.dataset
    if (!(fits && grant.cnf['x5t#S256'] === hexToBase64url(holder)))
      throw new Refusal('PEER_MISBEHAVED', { rule: 'the grant is the one asked for' })
  }

  /** Due: none for our present certificate, or half its life is over. */
  function isDue({ id }: AgreementRecord): boolean {
    const held = findRunning(id)
    return held === undefined || clock.now() >= held.iat + (held.exp - held.iat) / 2
  }

  /** Fetches what is due for every running agreement; says how many could not be had. The next round tries again. */
  async function renewDue(): Promise<number> {
    const due = agreements
      .list()
      .filter((record) => record.state === 'FINALIZED' && record.payload.consumer === member && isDue(record))
    let failed = 0
    for (const record of due) {
      try {
        await fetchGrant(record)
      } catch (error) {
        if (!isRefusal(error)) throw error
        failed += 1
        log.warn({ agreement: record.id, code: error.code }, 'no grant')
        // The others would fail the same way, each after its own time-out.
        if (error.code === 'HUB_UNREACHABLE') return due.length
      }
    }
    return failed
  }

  return { getGrant, fetchGrant, findRunning, renewDue }
}

/** The member whose node serves a dataset: the one whose namespace it is in. */
export function ownerOf(dataset: string): string {
  return dataset.slice(0, dataset.indexOf('/'))
}
