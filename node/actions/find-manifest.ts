import { isRefusal } from '#schemas/refusal.ts'
import type { Verified } from '#schemas/verified.ts'
import type { ExchangeDeps } from '../exchange-deps.ts'
import type { Pulls } from '../store/pulls.ts'
import { lookAgain } from './look-again.ts'
import type { OwnerSession } from './open-session.ts'
import { type VerifiedManifest, verifyManifest } from './verify-manifest.ts'

type Deps = Pick<ExchangeDeps, 'trust' | 'keys' | 'commit' | 'refreshTrust' | 'learnLine' | 'pinPaper'> & {
  readonly pulls: Pulls
}

export type ManifestFinder = ReturnType<typeof createManifestFinder>

/** Manifests as a consumer gets them: from the owner, verified, kept. */
export function createManifestFinder({ trust, keys, commit, refreshTrust, learnLine, pinPaper, pulls }: Deps) {
  /** The newest version's, or that of `version`, under the grant of this moment. */
  async function fetch(
    session: OwnerSession,
    version: number | undefined,
    id?: string,
  ): Promise<Verified<VerifiedManifest>> {
    const { dataset } = session.agreement.payload
    const query = new URLSearchParams({ dataset, ...(version === undefined ? {} : { version: String(version) }) })
    const bytes = await session.retry.run(async (grant) =>
      (await session.connect()).get(`/v1/manifests?${query}`, grant.text),
    )
    return verify(session, bytes.toString('latin1'), version, id)
  }

  /** Undefined when the owner does not know yet that the agreement is final: then it comes with the order. */
  async function find(
    session: OwnerSession,
    version: number | undefined,
  ): Promise<Verified<VerifiedManifest> | undefined> {
    try {
      return await fetch(session, version)
    } catch (error) {
      const isNews = isRefusal(error, 'AGREEMENT_NOT_OURS', 'AGREEMENT_NOT_FINAL')
      if (isNews && !pulls.hasOpened(session.agreement.id)) return undefined
      throw error
    }
  }

  async function verify(
    session: OwnerSession,
    text: string,
    version: number | undefined,
    id?: string,
  ): Promise<Verified<VerifiedManifest>> {
    const { dataset } = session.agreement.payload
    const wanted = { dataset, ...(version === undefined ? {} : { version }), ...(id === undefined ? {} : { id }) }
    const manifest = await lookAgain(
      refreshTrust,
      () => verifyManifest(text, wanted, session.line, { trust, keys }),
      () => learnLine(session.line.owner),
    )
    if (pulls.findVersion(manifest.id) === undefined) {
      const row = { manifest: manifest.id, dataset, version: manifest.payload.version, text }
      await commit(() => {
        pulls.addVersion(row)
        pinPaper(text)
      })
    }
    return manifest
  }

  return { fetch, find, verify }
}
