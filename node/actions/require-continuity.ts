import { type KeyStep, verifyContinuity } from '#schemas/continuity.ts'
import { Refusal } from '#schemas/refusal.ts'
import { HEX } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { KeptTexts } from '../store/kept-texts.ts'
import { STEP } from './learn-line.ts'

/** Throws KEY_NOT_CONTINUED unless the known certificate descends from the one that signed (both hex thumbprints). */
export type RequireContinuity = (thumbprint: string, signer: string) => Promise<void>

type Deps = Pick<ExchangeDeps, 'findCertificate' | 'hub' | 'commit'> & { readonly kept: KeptTexts }

const HEX_SHAPE = new RegExp(HEX.pattern)
const MOST_PROVED = 10_000

/**
 * Protocol 3.4 with what was learnt before: a proved descent holds for ever and is not proved twice, and steps once
 * followed stay on disk, so that a renewed key is still recognised while the hub is away.
 */
export function createContinuity({ findCertificate, hub, commit, kept }: Deps): RequireContinuity {
  const proved = new Set<string>()

  return async (thumbprint, signer) => {
    const pair = `${thumbprint} ${signer}`
    if (thumbprint === signer || proved.has(pair)) return
    const found = findCertificate(thumbprint)
    if (found === undefined) throw new Refusal('CERTIFICATE_UNREGISTERED', { thumbprint })
    const fetched = new Map<string, KeyStep>()
    await verifyContinuity(found, signer, (name) => fetchStep(name, fetched), findCertificate(signer))
    // Only steps of a line that was proved are kept: a hub that lies once must not poison later proofs.
    if (fetched.size > 0) {
      await commit(() => {
        for (const [name, step] of fetched) kept.addStep(name, step)
      })
    }
    if (proved.size >= MOST_PROVED) proved.clear()
    proved.add(pair)
  }

  async function fetchStep(name: string, fetched: Map<string, KeyStep>): Promise<KeyStep> {
    if (!HEX_SHAPE.test(name)) throw new Refusal('KEY_NOT_CONTINUED', { rule: 'a step is named by a hash' })
    const known = kept.findStep(name) ?? fetched.get(name)
    if (known !== undefined) return known
    const step = validate(STEP, await hub.get(`/v1/certificates/${name}`), 'PEER_MISBEHAVED')
    fetched.set(name, step)
    return step
  }
}
