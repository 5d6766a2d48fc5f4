import { checkCertificate } from '#schemas/certificates.ts'
import { fromRfc3339, toBeijing } from '#schemas/clock.ts'
import type { Root } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import { verifyRootLine } from '#schemas/verify-root.ts'
import type { Exchange } from '../exchange.ts'
import type { CheckedDocument, DocumentCheck, DocumentSigner } from './check-document.ts'

/** What the signers' certificates rest on: for each the authority that issued it, then the line of roots and the directory. */
export function checkChain(x: Exchange, { signers }: Pick<CheckedDocument, 'signers'>): DocumentCheck[] {
  return [...signers.map((signer) => checkIssuer(x, signer)), checkRoots(x), checkDirectory(x)]
}

/** An authority may have left the root since: the newest root that lists it vouches for what it issued then. */
function checkIssuer(x: Exchange, { name, thumbprint, signedAt }: DocumentSigner): DocumentCheck {
  const der = x.findArchived(thumbprint)?.der
  const at = new Date(fromRfc3339(signedAt) * 1000)
  for (const { payload } of x.trust.roots().toReversed()) {
    const ca = payload.cas.find((one) => der !== undefined && issued(one, der, at))
    if (ca !== undefined)
      return passed({
        zh: `${name}的证书由“${ca.name}”签发，该机构列于根文件第 ${payload.version} 版`,
        en: `the certificate of ${name} was issued by “${ca.name}”, listed in version ${payload.version} of the root document`,
      })
  }
  return failed({
    zh: `${name}的证书不是根文件所列机构签发的`,
    en: `no authority listed in a root document issued the certificate of ${name}`,
  })
}

function issued(ca: Root['cas'][number], der: Uint8Array, at: Date): boolean {
  return holds(() => checkCertificate(der, 'member-signing', [ca], at))
}

function checkRoots(x: Exchange): DocumentCheck {
  const roots = x.trust.roots()
  const fingerprint = roots[0]?.fingerprint ?? ''
  const sound = holds(() =>
    verifyRootLine(
      roots.map(({ text }) => text),
      fingerprint,
    ),
  )
  const count = roots.length
  return sound
    ? passed({
        zh: `根文件从第 1 版到第 ${count} 版逐版签名衔接，起点是本网络的根证书`,
        en: `the root documents, version 1 to ${count}, are each signed by the one before, from this network's root on`,
      })
    : failed({ zh: '根文件的签名没有衔接', en: 'the root documents do not follow one another' })
}

function checkDirectory(x: Exchange): DocumentCheck {
  const directory = x.trust.directory()
  const sound = directory !== undefined && holds(() => x.trust.verifyHub('directory', directory.text))
  const fresh = sound && holds(() => x.trust.requireFreshDirectory())
  if (!sound) return failed({ zh: '信任目录的签名不成立', en: 'the signature of the directory does not hold' })
  const { iat } = directory.payload
  const said = {
    zh: `信任目录由共享中心签名（${toBeijing(iat)}）`,
    en: `the directory is signed by the hub (${toBeijing(iat)})`,
  }
  return fresh ? passed(said) : failed({ zh: `${said.zh}，但已过期`, en: `${said.en}, but is out of date` })
}

function holds(step: () => unknown): boolean {
  try {
    step()
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

const passed = (text: Text): DocumentCheck => ({ ok: true, text })
const failed = (text: Text): DocumentCheck => ({ ok: false, text })
