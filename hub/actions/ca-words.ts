import type { PkiRule } from '#pki/error.ts'
import { formatName } from '#pki/names.ts'
import type { Certificate } from '#pki/parse-certificate.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import type { RefusalCode } from '#schemas/refusals.ts'

/** Rules that a certificate of an outside authority breaks, in words of whoever hands it in. */
const RULES: { readonly [R in PkiRule | OwnRule]?: Text } = {
  pem: {
    zh: '文件里没有可读的证书：应为 PEM（以 -----BEGIN CERTIFICATE----- 开头）或单张 DER 证书',
    en: 'no certificate can be read in it: PEM (-----BEGIN CERTIFICATE-----) or one DER certificate is asked for',
  },
  'too-many': { zh: '证书多于四张', en: 'there are more than four certificates' },
  'no-authority': {
    zh: '不是签发机构的证书（CA），而是个人、单位或服务器的证书',
    en: 'it is the certificate of a person, organisation or server, not of an authority (CA)',
  },
  'not-next': {
    zh: '签发者不是文件中的下一张证书；须按签发机构、上级、根的次序排列，最后一张是自签名的根',
    en: 'it is not issued by the next one in the file; the order is issuing authority, those above it, a self-signed root',
  },
  'weak-key': {
    zh: '密钥不合要求：只接受 P-256、P-384 或 2048 至 8192 位的 RSA',
    en: 'its key is not accepted: P-256, P-384, or RSA of 2048 to 8192 bits',
  },
  'weak-signature': {
    zh: '签名算法不合要求：只接受使用 SHA-256 以上的 ECDSA 或 RSA',
    en: 'its signature algorithm is not accepted: ECDSA or RSA with SHA-256 or better',
  },
  signature: { zh: '签名与上级证书的密钥不符', en: 'its signature was not made with the key of the one above' },
  'key-identifier': {
    zh: '缺少密钥标识，或与上级证书的密钥标识不符',
    en: 'its key identifier is missing or is not that of the one above',
  },
  'basic-constraints': {
    zh: '没有标明是签发机构（关键的基本约束 CA）',
    en: 'it does not say that it is an authority (critical basic constraints)',
  },
  'key-usage': {
    zh: '密钥用途须包括签发证书和签发吊销列表',
    en: 'its key usage must allow signing certificates and revocation lists',
  },
  'path-length': { zh: '上级证书不允许这么多层下级', en: 'one above allows fewer authorities below it' },
  expired: { zh: '已过期', en: 'it has expired' },
  'not-yet-valid': { zh: '尚未生效', en: 'it is not valid yet' },
}

type OwnRule = 'too-many' | 'no-authority' | 'not-next'

const REMEDY: Text = {
  zh: '请向该机构索取符合要求的证书链，核对后重新提交',
  en: 'Ask the authority for a chain that fits, and hand that in',
}

/** The refusal of a chain, at its field of the form: which certificate, and what about it. `place` counts from 1. */
export function refusedCa(
  code: RefusalCode,
  rule: PkiRule | OwnRule,
  which?: { readonly place: number; readonly certificate: Certificate },
): Refusal {
  const { zh, en } = RULES[rule] ?? { zh: `不符合规则 ${rule}`, en: `it breaks the rule ${rule}` }
  const name = which && formatName(which.certificate.subject).slice(0, 120)
  return new Refusal(code, {
    field: '/file',
    rule,
    detail:
      which === undefined
        ? { zh, en }
        : { zh: `第 ${which.place} 张（${name}）：${zh}`, en: `No. ${which.place} (${name}): ${en}` },
    remedy: REMEDY,
  })
}
