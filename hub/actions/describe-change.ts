import { parseDocument } from '#schemas/document.ts'
import { KIND_NAMES } from '#schemas/kind-names.ts'
import type { Kind, Payload } from '#schemas/kinds.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import type { AuditRow } from '../store/audit.ts'
import { type Described, describeFact } from './describe-fact.ts'
import type { Office } from './sign-statement.ts'

const OUTCOMES = {
  approved: { zh: '批准', en: 'approved' },
  refused: { zh: '拒绝', en: 'refused' },
  suspended: { zh: '暂停', en: 'suspended' },
  resumed: { zh: '恢复', en: 'resumed' },
  revoked: { zh: '吊销', en: 'revoked' },
  terminated: { zh: '终止', en: 'terminated' },
} as const

const CHANGES = {
  suspend: { zh: '暂停协议', en: 'suspended the agreement' },
  resume: { zh: '恢复协议', en: 'resumed the agreement' },
  terminate: { zh: '终止协议', en: 'terminated the agreement' },
} as const

const PLAIN: Described = { actors: [], via: null, reason: null, summary: { zh: '', en: '' }, about: null }

/** Puts a journal row into words. */
export function describeChange(r: Names, row: AuditRow): Described {
  if (row.change !== null) return describeFact(r, row.kind, JSON.parse(row.change))
  const actors = row.member === null || row.member === 'hub' ? [] : [nameOf(r, row.member)]
  const plain = { ...PLAIN, actors, summary: kindName(row.kind) }
  if (row.documentKind === null || row.text === null) return plain
  const { payload } = parseDocument(row.documentKind as Kind, row.text)
  const table: Readonly<Record<string, Describe | undefined>> = DESCRIBE
  return { ...plain, ...table[row.kind === 'approval' ? row.kind : row.documentKind]?.(r, payload as never, row) }
}

/** The register, and titles of datasets looked up once for many rows. */
export type Names = Office & { readonly titleOf: (dataset: string) => string }

type Describe = (r: Names, payload: never, row: AuditRow) => Partial<Described>
const of =
  <K extends Kind>(
    _kind: K,
    describe: (r: Names, payload: Payload<K>, row: AuditRow) => Partial<Described>,
  ): Describe =>
  (r, payload, row) =>
    describe(r, payload, row)

const DESCRIBE = {
  decision: of('decision', (r, { subject, outcome, by }) => ({
    actors: by.map(({ operator }) => operator).filter((name) => name !== 'hub'),
    via: by[0]?.via.kind ?? null,
    reason:
      by
        .map(({ reason }) => reason)
        .filter(Boolean)
        .join('；') || null,
    summary: {
      zh: `${OUTCOMES[outcome].zh}${SUBJECTS[subject.kind].zh}${subjectName(r, subject)}`,
      en: `${OUTCOMES[outcome].en} ${SUBJECTS[subject.kind].en}${subjectName(r, subject)}`,
    },
    about: subjectLink(r, subject),
  })),
  approval: of('agreement', (r, { dataset }, { hash, approver, approverVia }) => ({
    actors: approver === null ? [] : [approver],
    via: approverVia,
    summary: {
      zh: `第一人同意协议：${r.titleOf(dataset)}（待第二人）`,
      en: `first of two approvals: ${r.titleOf(dataset)}`,
    },
    about: { kind: 'agreement', id: hash },
  })),
  'certificate-request': of('certificate-request', (r, { member, previous }) => ({
    summary:
      previous === null
        ? { zh: `接入：${nameOf(r, member)}`, en: `enrolled: ${nameOf(r, member)}` }
        : { zh: `更换证书：${nameOf(r, member)}`, en: `renewed certificates: ${nameOf(r, member)}` },
    about: { kind: 'member', id: member },
  })),
  admission: of('admission', (r, { member, operator }, { hash }) => ({
    summary: {
      zh: `准入：${nameOf(r, member)}（接入码由 ${operator} 签发）`,
      en: `admitted: ${nameOf(r, member)} (code by ${operator})`,
    },
    about: { kind: 'admission', id: hash },
  })),
  sponsorship: of('sponsorship', (r, { affiliate }) => ({
    summary: { zh: `担保：${nameOf(r, affiliate)}`, en: `sponsored ${nameOf(r, affiliate)}` },
    about: { kind: 'member', id: affiliate },
  })),
  'sponsorship-revocation': of('sponsorship-revocation', (r, { affiliate, reason }) => ({
    summary: { zh: `撤回担保：${nameOf(r, affiliate)}`, en: `no longer sponsors ${nameOf(r, affiliate)}` },
    reason,
    about: { kind: 'member', id: affiliate },
  })),
  'catalog-entry': of('catalog-entry', (_r, { meta, dataset, version }) => ({
    summary: {
      zh: `发布《${meta.title.zh}》第 ${version} 版`,
      en: `published “${meta.title.en ?? meta.title.zh}” version ${version}`,
    },
    about: { kind: 'dataset', id: dataset },
  })),
  tombstone: of('tombstone', (r, { dataset, reason }) => ({
    summary: { zh: `撤回数据集 ${r.titleOf(dataset)}`, en: `withdrew ${r.titleOf(dataset)}` },
    reason,
    about: { kind: 'dataset', id: dataset },
  })),
  request: of('request', (r, { dataset, terms }, { hash }) => ({
    summary: {
      zh: `申请 ${r.titleOf(dataset)}，用途：${terms.purpose}`,
      en: `asked for ${r.titleOf(dataset)}: ${terms.purpose}`,
    },
    about: { kind: 'agreement', id: hash },
  })),
  offer: of('offer', (_r, { request, reason }) => ({
    reason: reason || null,
    about: { kind: 'agreement', id: request },
  })),
  consent: of('consent', (_r, { request }) => ({ about: { kind: 'agreement', id: request } })),
  refusal: of('refusal', (_r, { request, reason }) => ({ reason, about: { kind: 'agreement', id: request } })),
  // Signed by one party after the other, approved, ended by time: the row alone does not tell which, so it names nobody.
  agreement: of('agreement', (r, { dataset }, { hash }) => ({
    actors: [],
    summary: {
      zh: `协议签名或状态变化：${r.titleOf(dataset)}`,
      en: `agreement signed or moved: ${r.titleOf(dataset)}`,
    },
    about: { kind: 'agreement', id: hash },
  })),
  'agreement-change': of('agreement-change', (r, { agreement, change, reason }) => ({
    summary: ofAgreement(r, agreement, CHANGES[change]),
    reason,
    about: { kind: 'agreement', id: agreement },
  })),
  'pull-order': of('pull-order', (r, { dataset, version, agreement }) => ({
    summary: {
      zh: `调取 ${r.titleOf(dataset)} 第 ${version} 版`,
      en: `ordered ${r.titleOf(dataset)} version ${version}`,
    },
    about: { kind: 'agreement', id: agreement },
  })),
  delivery: of('delivery', (r, { dataset, version, agreement }) => ({
    summary: {
      zh: `交付 ${r.titleOf(dataset)} 第 ${version} 版`,
      en: `delivered ${r.titleOf(dataset)} version ${version}`,
    },
    about: { kind: 'agreement', id: agreement },
  })),
  acknowledgement: of('acknowledgement', (_r, { agreement }) => ({ about: { kind: 'agreement', id: agreement } })),
} as const

/** With the dataset that the agreement is about. */
function ofAgreement(r: Names, agreement: string, { zh, en }: Text): Text {
  const dataset = r.audit.findAgreement(agreement)?.dataset
  return dataset === undefined
    ? { zh, en }
    : { zh: `${zh}：${r.titleOf(dataset)}`, en: `${en} on ${r.titleOf(dataset)}` }
}

const SUBJECTS = {
  agreement: { zh: '协议：', en: 'the agreement on ' },
  request: { zh: '申请：', en: 'the request ' },
  admission: { zh: '接入：', en: 'the admission of ' },
  member: { zh: '成员：', en: 'the member ' },
  certificate: { zh: '证书：', en: 'a certificate of ' },
} as const

type Subject = Payload<'decision'>['subject']

function subjectName(r: Names, { kind, id }: Subject): string {
  const member = subjectMember(r, { kind, id })
  if (member !== undefined) return nameOf(r, member)
  const agreement = kind === 'agreement' ? r.audit.findAgreement(id) : undefined
  return agreement === undefined ? id.slice(0, 12) : r.titleOf(agreement.dataset)
}

function subjectLink(r: Office, subject: Subject): Described['about'] {
  const { kind, id } = subject
  if (kind === 'agreement' || kind === 'request') return { kind: 'agreement', id }
  if (kind === 'admission') return { kind, id }
  const member = subjectMember(r, subject)
  return member === undefined ? null : { kind: 'member', id: member }
}

function subjectMember(r: Office, { kind, id }: Subject): string | undefined {
  if (kind === 'member') return id
  if (kind === 'admission') return r.codes.findAdmission(id)?.member
  return kind === 'certificate' ? r.certificates.find(id)?.member : undefined
}

function nameOf(r: Office, id: string): string {
  return r.members.find(id)?.name ?? id
}

const OTHER_KINDS: Readonly<Record<string, Text>> = {
  crl: { zh: '签发吊销列表', en: 'revocation list issued' },
  grant: { zh: '签发授权凭证', en: 'grant issued' },
  directory: { zh: '签发信任目录', en: 'directory issued' },
  status: { zh: '签发状态列表', en: 'status list issued' },
  root: { zh: '信任根文件生效', en: 'root document in force' },
}

function kindName(kind: string): Text {
  return OTHER_KINDS[kind] ?? { zh: KIND_NAMES[kind as Kind] ?? kind, en: kind }
}
