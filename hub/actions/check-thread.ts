import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { isRefusal, type RefusalFacts } from '#schemas/refusal.ts'
import type { RefusalCode } from '#schemas/refusals.ts'
import type { KnownSigners } from './check-document.ts'
import { checkHandedIn, type HandedIn, type HandedInVerdict } from './check-handed-in.ts'

/** What the thread that checks is given. */
export interface CheckWork {
  readonly files: readonly HandedIn[]
  readonly fingerprint: string
}

/** What it posts: at most one question, answered with `KnownSigners`, then what it found. */
export type CheckNews =
  | { readonly ask: readonly string[] }
  | { readonly verdict: HandedInVerdict }
  | { readonly refusal: { readonly code: RefusalCode; readonly facts: RefusalFacts } }

const { files, fingerprint } = workerData as CheckWork
const port = parentPort!

async function findSigners(thumbprints: readonly string[]): Promise<KnownSigners> {
  port.postMessage({ ask: thumbprints } satisfies CheckNews)
  const [signers] = await once(port, 'message')
  return signers as KnownSigners
}

try {
  port.postMessage({ verdict: await checkHandedIn(files, { fingerprint, findSigners }) } satisfies CheckNews)
} catch (error) {
  if (!isRefusal(error)) throw error
  port.postMessage({ refusal: { code: error.code, facts: error.facts } } satisfies CheckNews)
}
