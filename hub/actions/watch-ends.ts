import { formatName } from '#pki/names.ts'
import { parseCertificate } from '#pki/parse-certificate.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { toRfc3339 } from '#schemas/clock.ts'
import { sha256 } from '#schemas/hash.ts'
import { LIMITS } from '#schemas/limits.ts'
import { endAlarm, raiseAlarm } from './raise-alarm.ts'
import type { Office } from './sign-statement.ts'

const DAY = 86_400

/** How long before its end something is pointed out: time for a ceremony, and for a person on leave. */
const WARNING_DAYS = { online: 60, issuing: 365, root: 730, external: 60, crl: 60 } as const

interface Ending {
  readonly kind: 'KEY_ENDING' | 'CA_ENDING' | 'ROOT_ENDING' | 'CRL_ENDING' | 'MEMBER_LAPSED'
  readonly subject: string
  readonly what: { readonly zh: string; readonly en: string }
  /** Unix seconds. */
  readonly ends: number
  readonly warningDays: number
  readonly remedy: string
}

/** Raises an alarm for what ends soon, and ends it once that was renewed. */
export async function watchEnds(r: Office): Promise<void> {
  const endings = [...hubEndings(r), ...memberEndings(r)]
  const now = r.clock.now()
  const due = endings.filter(({ ends, warningDays }) => ends - now < warningDays * DAY)
  const gone = r.alarms
    .standing()
    .filter(({ kind, subject }) => KINDS.has(kind) && !due.some((one) => one.kind === kind && one.subject === subject))
  const standing = new Set(r.alarms.standing().map(({ kind, subject }) => `${kind} ${subject}`))
  const fresh = due.filter(({ kind, subject }) => !standing.has(`${kind} ${subject}`))
  if (gone.length === 0 && fresh.length === 0) return
  await r.commit(() => {
    for (const { kind, subject } of gone) endAlarm(r, kind, subject)
    for (const { kind, subject, what, ends, remedy } of fresh) {
      const at = toRfc3339(ends)
      raiseAlarm(r, kind, subject, {
        zh: `${what.zh}将于 ${at} 到期；请运行 ${remedy}`,
        en: `${what.en} ends at ${at}; run ${remedy}`,
      })
    }
  })
}

const KINDS: ReadonlySet<string> = new Set(['KEY_ENDING', 'CA_ENDING', 'ROOT_ENDING', 'CRL_ENDING', 'MEMBER_LAPSED'])

function hubEndings(r: Office): Ending[] {
  const root = parseCertificate(fromBase64url(r.trust.root().certificate))
  const online = (['directory', 'grant', 'log'] as const).flatMap((purpose): Ending[] => {
    const keys = r.keys.all().filter((key) => key.purpose === purpose)
    // Only the last to end counts: one that was replaced may run out in peace.
    const latest = keys.toSorted((a, b) => b.certificate.notAfter.getTime() - a.certificate.notAfter.getTime())[0]
    return latest === undefined
      ? []
      : [
          {
            kind: 'KEY_ENDING',
            subject: purpose,
            what: { zh: `在线密钥 ${purpose} `, en: `The online key ${purpose}` },
            ends: seconds(latest.certificate.notAfter),
            warningDays: WARNING_DAYS.online,
            remedy: 'hanghui pki root rotate',
          },
        ]
  })
  const cas = r.trust.root().cas.map(({ kind, certificates: [first] }): Ending => {
    const ca = parseCertificate(fromBase64url(first as string))
    const external = kind === 'external'
    return {
      kind: 'CA_ENDING',
      subject: ca.thumbprint,
      what: { zh: `签发机构 ${formatName(ca.subject)} `, en: `The CA ${formatName(ca.subject)}` },
      ends: seconds(ca.notAfter),
      warningDays: external ? WARNING_DAYS.external : WARNING_DAYS.issuing,
      remedy: external ? 'hanghui hub ca add' : 'hanghui pki root rotate --key issuing',
    }
  })
  const crl = r.crls.find(sha256(root.publicKey.der))
  return [
    ...online,
    ...cas,
    {
      kind: 'ROOT_ENDING',
      subject: root.thumbprint,
      what: { zh: '信任根', en: 'The root' },
      ends: seconds(root.notAfter),
      warningDays: WARNING_DAYS.root,
      remedy: 'hanghui pki root rotate --key root',
    },
    {
      kind: 'CRL_ENDING',
      subject: root.thumbprint,
      what: { zh: '信任根的吊销列表', en: "The root's revocation list" },
      ends: crl?.nextUpdate ?? 0,
      warningDays: WARNING_DAYS.crl,
      remedy: 'hanghui pki root crl',
    },
  ]
}

/** Members whose node has slept: a month before even the way back closes. */
function memberEndings(r: Office): Ending[] {
  return r.members.all().flatMap((member): Ending[] => {
    const newest = r.certificates.pairsOf(member.id)[0]
    if (member.standing !== 'good' || newest?.state !== 'good') return []
    const last = Math.max(...r.certificates.ofRequest(newest.request).map(({ notAfter }) => notAfter))
    return [
      {
        kind: 'MEMBER_LAPSED',
        subject: member.id,
        what: {
          zh: `${member.name}的证书久未换发，换发期限`,
          en: `${member.name} has not renewed its certificates; the time to do so`,
        },
        ends: last + LIMITS.renewalGraceDays * DAY,
        warningDays: 30,
        remedy: 'hanghui node renew',
      },
    ]
  })
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)
