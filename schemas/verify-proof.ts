import type { KeyObject } from 'node:crypto'
import { fromBase64url } from './base64url.ts'
import { checkCertificate } from './certificates.ts'
import { toRfc3339 } from './clock.ts'
import { type ParsedDocument, type ParsedSignature, parseDocument, verifySignature } from './document.ts'
import { DIRECTORY_PART } from './documents/trust.ts'
import { sha256 } from './hash.ts'
import { parseJson } from './json.ts'
import { KIND_NAMES } from './kind-names.ts'
import type { Kind, Payload } from './kinds.ts'
import { LIMITS } from './limits.ts'
import { type Paper, type Proof, parseProof, partsOfProof } from './proof.ts'
import { isRefusal, Refusal } from './refusal.ts'
import type { Text } from './refusals/entry.ts'
import { HUB_PURPOSE } from './trust.ts'
import { validate } from './validate.ts'
import { verifyAgreement } from './verify-agreement.ts'
import { verifyEntry } from './verify-entry.ts'
import { type VerifiedRoot, verifyRootLine } from './verify-root.ts'

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

interface Signed {
  readonly signer: string
  readonly publicKey: KeyObject
}

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
  const roots = await recorded(
    checks,
    'root',
    `信任根 ${fingerprint.slice(0, 16)}…`,
    `root ${fingerprint.slice(0, 16)}…`,
    () => verifyRootLine(proof.roots, fingerprint),
  )
  const main: Paper = { kind: proof.kind as Kind, document: proof.document }
  const papers = [main, ...(proof.related as Paper[])]
  const signers: string[] = []
  for (const paper of papers) {
    await recorded(checks, paper.kind, `${KIND_NAMES[paper.kind]}的签名`, `signature of ${paper.kind}`, async () => {
      const line = roots ?? refuseProof('the root line holds first')
      const signed = verifyPaper(paper, line, proof)
      for (const [at, one] of signed.entries()) await second(paper.document, at, one.publicKey)
      if (paper === main) signers.push(...signed.map(({ signer }) => signer))
    })
  }
  await recorded(checks, 'chain', '各文件互相对应', 'the papers answer each other', () => requireChained(papers))
  await recorded(checks, 'revocation', '签名者没有因泄露被吊销', 'no signer was revoked for compromise', () =>
    requireUnrevoked(papers),
  )
  for (const file of namedFiles(papers)) {
    const hash = await hashFile(file.path)
    if (hash !== undefined || proof.files.some(({ path }) => path === file.path)) {
      const [zh, en] = hash === undefined ? ['旁边缺少数据文件', 'not there: data file'] : ['数据文件', 'data file']
      await recorded(checks, `file ${file.path}`, `${zh} ${file.path}`, `${en} ${file.path}`, () => {
        if (!(hash === file.sha256)) throw new Refusal('FILE_TAMPERED', { path: file.path, found: hash ?? 'missing' })
      })
    }
  }
  checks.push({
    name: 'time',
    ok: true,
    detail: { zh: '时间：签名方自称（claimed）', en: 'time: claimed (by the signer)' },
  })
  const document = parseDocument(main.kind, main.document)
  const { iat } = document.payload as { iat: number }
  return {
    ok: checks.every(({ ok }) => ok),
    kind: main.kind,
    signer: signers.join(', '),
    signedAt: toRfc3339(iat),
    time: 'claimed',
    ...viaOf(papers),
    checks,
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

function verifyPaper({ kind, document }: Paper, roots: readonly VerifiedRoot[], proof: Proof): Signed[] {
  const net = (roots[0] as VerifiedRoot).payload.net
  const signed: Signed[] = []
  const note = (one: Signed) => {
    signed.push(one)
    return one
  }
  const keys = {
    member: (thumbprint: string, at: number) => {
      const one = note(memberAt(thumbprint, at, roots, proof))
      return { member: one.signer, publicKey: one.publicKey }
    },
    hub: (thumbprint: string, at: number) =>
      note({ signer: 'hub', publicKey: hubKeyAt(kind, thumbprint, at, roots) }).publicKey,
    isHub: (thumbprint: string) =>
      roots.some(({ payload }) => payload.keys.some((key) => sha256(fromBase64url(key.certificate)) === thumbprint)),
  }
  if (kind === 'agreement') verifyAgreement(document, stageOf(parseDocument('agreement', document)), keys, net)
  else if (kind === 'catalog-entry') verifyEntry(document, keys, net, true)
  else if (kind === 'root') refuseProof('roots stand in `roots`')
  else verifyCompact(kind, document, net, keys)
  return signed
}

function verifyCompact(
  kind: Kind,
  text: string,
  net: string,
  keys: {
    member(t: string, at: number): { member: string; publicKey: KeyObject }
    hub(t: string, at: number): KeyObject
    isHub(t: string): boolean
  },
): void {
  const document = parseDocument(kind, text)
  if (!(document.net === net)) throw new Refusal('NETWORK_MISMATCH', { net: document.net })
  const payload = document.payload as { iat: number }
  const signature = document.signatures[0] as ParsedSignature
  const party = PARTY[kind]
  if (party === undefined || (kind === 'agreement-change' && keys.isHub(signature.thumbprint))) {
    verifySignature(signature, keys.hub(signature.thumbprint, payload.iat))
    return
  }
  const { member, publicKey } = keys.member(signature.thumbprint, payload.iat)
  verifySignature(signature, publicKey)
  const named = party(document.payload as never)
  if (named !== undefined && named !== member) throw new Refusal('SIGNER_FORBIDDEN', { kind, member })
}

/** Which member a kind's payload names as its author; undefined where other papers must tell. A kind not listed is the hub's. */
const PARTY: { readonly [K in Kind]?: (payload: Payload<K>) => string | undefined } = {
  manifest: ({ dataset }) => dataset.slice(0, 18),
  tombstone: ({ member }) => member,
  request: ({ consumer }) => consumer,
  offer: () => undefined,
  consent: () => undefined,
  refusal: () => undefined,
  sponsorship: ({ sponsor }) => sponsor,
  'sponsorship-revocation': ({ sponsor }) => sponsor,
  'certificate-request': ({ member }) => member,
  'agreement-change': () => undefined,
  'grant-request': () => undefined,
  'pull-order': ({ consumer }) => consumer,
  delivery: () => undefined,
  acknowledgement: () => undefined,
}

/** A certificate as the directory in force at `at` registers it, issued by a CA of the root line. */
function memberAt(thumbprint: string, at: number, roots: readonly VerifiedRoot[], proof: Proof): Signed {
  for (const { directory, parts } of proof.directories) {
    const document = parseDocument('directory', directory)
    const { payload } = document
    const signature = document.signatures[0] as ParsedSignature
    verifySignature(signature, hubKeyAt('directory', signature.thumbprint, payload.iat, roots))
    if (!(payload.iat <= at + LIMITS.clockSkewSeconds && at < payload.exp)) continue
    for (const bytes of partsOfProof(parts)) {
      if (!payload.parts.includes(sha256(bytes))) continue
      for (const member of validate(DIRECTORY_PART, parseJson(bytes), 'PROOF_INVALID').members) {
        const found = member.certificates.find((one) => one.thumbprint === thumbprint && one.use === 'signing')
        if (found === undefined) continue
        const der = fromBase64url(found.certificate)
        if (!(sha256(der) === thumbprint)) throw new Refusal('CERTIFICATE_INVALID', { thumbprint })
        if (!(member.standing !== 'revoked')) throw new Refusal('CERTIFICATE_REVOKED', { member: member.id })
        const checked = checkCertificate(der, 'member-signing', casOf(roots, payload.root.version), new Date(at * 1000))
        return { signer: member.id, publicKey: checked.publicKey }
      }
    }
  }
  throw new Refusal('SIGNER_UNKNOWN', {
    thumbprint,
    rule: 'a directory in force when it was signed registers the signer',
  })
}

function casOf(roots: readonly VerifiedRoot[], version: number) {
  const root = roots.find(({ payload }) => payload.version === version)
  if (root === undefined)
    throw new Refusal('PROOF_INVALID', { rule: 'the directory names a root of the line', version })
  return root.payload.cas
}

function hubKeyAt(kind: Kind, thumbprint: string, at: number, roots: readonly VerifiedRoot[]): KeyObject {
  for (const { payload } of roots) {
    for (const key of payload.keys) {
      const der = fromBase64url(key.certificate)
      if (sha256(der) !== thumbprint) continue
      if (!(key.purpose === HUB_PURPOSE[kind])) throw new Refusal('SIGNER_FORBIDDEN', { kind, purpose: key.purpose })
      return checkCertificate(der, 'hub-document', payload.cas, new Date(at * 1000)).publicKey
    }
  }
  throw new Refusal('SIGNER_UNKNOWN', { thumbprint })
}

function stageOf(document: ParsedDocument<'agreement'>): 'hub' | 'consumer' | 'owners' | 'some-owners' {
  const roles = new Set(document.signatures.map(({ role }) => role))
  if (roles.has('hub')) return 'hub'
  if (roles.has('consumer')) return 'consumer'
  return document.signatures.length === document.payload.owners.length ? 'owners' : 'some-owners'
}

/** Delivery and acknowledgement name the order and the manifest that lie beside them; a proof must not mix two pulls. */
function requireChained(papers: readonly Paper[]): void {
  const ids = new Map<Kind, Set<string>>()
  for (const { kind, document } of papers)
    ids.set(kind, (ids.get(kind) ?? new Set()).add(parseDocument(kind, document).id))
  const answers = [
    ['order', 'pull-order'],
    ['delivery', 'delivery'],
    ['manifest', 'manifest'],
    ['agreement', 'agreement'],
  ] as const
  for (const { kind, document } of papers) {
    if (!(kind === 'pull-order' || kind === 'delivery' || kind === 'acknowledgement')) continue
    const payload = parseDocument(kind, document).payload as Record<string, unknown>
    for (const [field, answered] of answers) {
      const named = payload[field]
      const present = ids.get(answered)
      if (typeof named === 'string' && present !== undefined && !present.has(named))
        throw new Refusal('PROOF_INVALID', { rule: `${kind} names the ${answered} beside it` })
    }
  }
}

function requireUnrevoked(papers: readonly Paper[]): void {
  const revoked = new Set<string>()
  for (const { kind, document } of papers) {
    if (kind !== 'decision') continue
    const { subject, outcome, since, by } = parseDocument('decision', document).payload
    const compromised = since !== undefined || by.some(({ reason }) => reason === 'keyCompromise')
    if (subject.kind === 'certificate' && outcome === 'revoked' && compromised) revoked.add(subject.id)
  }
  for (const { kind, document } of papers) {
    for (const { thumbprint } of parseDocument(kind, document).signatures) {
      if (revoked.has(thumbprint)) throw new Refusal('TIME_UNPROVEN', { thumbprint, kind })
    }
  }
}

function namedFiles(papers: readonly Paper[]): { path: string; sha256: string }[] {
  return papers
    .filter(({ kind }) => kind === 'manifest')
    .flatMap(({ document }) => parseDocument('manifest', document).payload.files)
}

/** By which door each operator decided, for people to weigh (contract: `--as` is a statement). */
function viaOf(papers: readonly Paper[]): { via?: string[] } {
  const decisions = papers
    .filter(({ kind }) => kind === 'decision')
    .flatMap(({ document }) => parseDocument('decision', document).payload.by)
  return decisions.length === 0 ? {} : { via: decisions.map(({ operator, via }) => `${operator} (${via.kind})`) }
}

function refuseProof(rule: string): never {
  throw new Refusal('PROOF_INVALID', { rule })
}
