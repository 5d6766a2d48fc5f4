import type { Status } from '#schemas/status-list.ts'
import type { Tone } from '../components/words.ts'

interface Word {
  readonly zh: string
  readonly en: string
  readonly tone: Tone
}

/** Standing of a member, or of a certificate. */
export const STANDING_WORDS = {
  good: { zh: '正常', en: 'Good', tone: 'good' },
  suspended: { zh: '已暂停', en: 'Suspended', tone: 'warn' },
  revoked: { zh: '已吊销', en: 'Revoked', tone: 'bad' },
} as const satisfies Record<Status, Word>

/** What a certificate of a member is for. */
export const CERTIFICATE_USES = {
  tls: { zh: '连接', en: 'Connections' },
  signing: { zh: '签名', en: 'Signing' },
} as const
