import type { KeyObject } from 'node:crypto'
import { toRfc3339 } from './clock.ts'
import { parseDocument } from './document.ts'
import { KIND_NAMES } from './kind-names.ts'
import type { Kind, Payload } from './kinds.ts'
import { type Paper, type Proof, parseProof } from './proof.ts'
import { requireChained } from './proof-chain.ts'
import { openDirectories } from './proof-keys.ts'
import { requireUnrevoked } from './proof-revocations.ts'
import { isRefusal, Refusal } from './refusal.ts'
import type { Text } from './refusals/entry.ts'
import { type VerifiedPaper, verifyPaper } from './verify-paper.ts'
import { verifyRootLine } from './verify-root.ts'

/** One line of the verdict. */
export interface ProofCheck {
  readonly name: string
  readonly ok: boolean
  readonly detail: Text
}

/** What `hanghui verify` prints. `time` is `claimed` until a transparency log can witness it. */
export interface ProofVerdict {
  readonly ok: boolean
  readonly kind: Kind
  readonly signer: string
  readonly signedAt: string
  readonly time: 'claimed'
  readonly via?: readonly string[]
  readonly checks: readonly ProofCheck[]
}

/** SHA-256 (hex) of a data file beside the proof, or undefined when it is not there. */
export type HashDataFile = (path: string) => Promise<string | undefined>

/** A second, independent implementation of JWS verification; throws when it disagrees. */
export type SecondOpinion = (document: string, signature: number, publicKey: KeyObject) => Promise<void>

/**
 * Protocol 7: verifies a proof file with nothing but a root fingerprint: no network, no data folder, also years after the
 * signer's certificate ended. Every paper in it is verified; data files beside it are compared with the signed manifest.
 */
export async function verifyProof(
  text: string,
  fingerprint: string,
  hashFile: HashDataFile,
  second: SecondOpinion,
): Promise<ProofVerdict> {
  const proof = parseProof(text)
  const checks: ProofCheck[] = []
  const main: Paper = { kind: proof.kind as Kind, document: proof.document }
  const papers = await verifyPapers(proof, [main, ...(proof.related as Paper[])], fingerprint, second, checks)
  await checkFiles(proof, papers, hashFile, checks)
  checks.push({
    name: 'time',
    ok: true,
    detail: { zh: '时间：签名方自称（claimed）', en: 'time: claimed (by the signer)' },
  })
  const { iat } = parseDocument(main.kind, main.document).payload as { iat: number }
  const signers = papers.find((one) => one.text === main.document)?.signers ?? []
  return {
    ok: checks.every(({ ok }) => ok),
    kind: main.kind,
    signer: signers.map(({ signer }) => signer).join(', '),
    signedAt: toRfc3339(iat),
    time: 'claimed',
    ...viaOf(papers, main.document),
    checks,
  }
}

/** The papers that hold, in the order of the proof; what does not is said in `checks`. */
async function verifyPapers(
  proof: Proof,
  papers: readonly Paper[],
  fingerprint: string,
  second: SecondOpinion,
  checks: ProofCheck[],
): Promise<VerifiedPaper[]> {
  const short = fingerprint.slice(0, 16)
  const roots = await recorded(checks, 'root', `信任根 ${short}…`, `root ${short}…`, () =>
    verifyRootLine(proof.roots, fingerprint),
  )
  if (roots === undefined) return []
  const directories = await recorded(checks, 'directory', '信任目录的签名', 'signatures of the directories', () =>
    openDirectories(proof, roots),
  )
  if (directories === undefined) return []
  const verified: VerifiedPaper[] = []
  for (const paper of papers) {
    const { kind } = paper
    await recorded(checks, kind, `${KIND_NAMES[kind]}的签名`, `signature of ${kind}`, async () => {
      const one = verifyPaper(paper, roots, directories)
      await askAgain(one, second)
      verified.push(one)
    })
  }
  await recorded(checks, 'chain', '各文件互相对应', 'the papers answer each other', () => requireChained(verified))
  await recorded(checks, 'revocation', '签名者当时未被吊销', 'no signer was revoked', () =>
    requireUnrevoked(verified, directories),
  )
  return verified
}

async function askAgain({ kind, text, signers }: VerifiedPaper, second: SecondOpinion): Promise<void> {
  for (const [at, { thumbprint }] of parseDocument(kind, text).signatures.entries()) {
    const signer = signers.find((one) => one.thumbprint === thumbprint)
    if (signer === undefined) throw new Refusal('SIGNER_UNKNOWN', { thumbprint })
    await second(text, at, signer.publicKey)
  }
}

async function recorded<T>(
  checks: ProofCheck[],
  name: string,
  zh: string,
  en: string,
  step: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    const result = await step()
    checks.push({ name, ok: true, detail: { zh, en } })
    return result
  } catch (error) {
    if (!isRefusal(error)) throw error
    const { title, detail } = error.problem()
    checks.push({
      name,
      ok: false,
      detail: {
        zh: `${zh}：${error.code} ${detail.zh || title.zh}`,
        en: `${en}: ${error.code} ${detail.en || title.en}`,
      },
    })
    return undefined
  }
}

/** The manifest says what a file contains; what the proof itself says must be there, and must not say otherwise. */
const NOT_BESIDE = { zh: '文件不在旁边，无从核对', en: 'the file is not beside it and cannot be compared' }

async function checkFiles(
  proof: Proof,
  papers: readonly VerifiedPaper[],
  hashFile: HashDataFile,
  checks: ProofCheck[],
): Promise<void> {
  const signed = papers
    .filter(({ kind }) => kind === 'manifest')
    .flatMap(({ payload }) => (payload as Payload<'manifest'>).files)
  for (const file of signed) {
    const hash = await hashFile(file.path)
    if (hash === undefined && !proof.files.some(({ path }) => path === file.path)) continue
    const [zh, en] = hash === undefined ? ['旁边缺少数据文件', 'not there: data file'] : ['数据文件', 'data file']
    await recorded(checks, `file ${file.path}`, `${zh} ${file.path}`, `${en} ${file.path}`, () => {
      if (hash === undefined)
        throw new Refusal('FILE_TAMPERED', { path: file.path, found: 'missing', detail: NOT_BESIDE })
      if (!(hash === file.sha256)) throw new Refusal('FILE_TAMPERED', { path: file.path, found: hash })
    })
  }
  for (const { path, sha256 } of proof.files) {
    if (signed.some((one) => one.path === path && one.sha256 === sha256)) continue
    await recorded(checks, `file ${path}`, `数据文件 ${path}`, `data file ${path}`, () => {
      throw new Refusal('PROOF_INVALID', { path, rule: 'the signed manifest names each file' })
    })
  }
}

/** By which door each operator decided, for people to weigh (contract: `--as` is a statement); revocations laid beside it are another matter. */
function viaOf(papers: readonly VerifiedPaper[], main: string): { via?: string[] } {
  const decisions = papers
    .filter(({ kind }) => kind === 'decision')
    .filter(({ text, payload }) => {
      const { subject } = payload as Payload<'decision'>
      return text === main || subject.kind === 'agreement' || subject.kind === 'request'
    })
    .flatMap(({ payload }) => (payload as Payload<'decision'>).by)
  return decisions.length === 0 ? {} : { via: decisions.map(({ operator, via }) => `${operator} (${via.kind})`) }
}
