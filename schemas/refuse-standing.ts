import { Refusal } from './refusal.ts'
import type { Text } from './refusals/entry.ts'

/** What may be wrong with the standing of a member, in words that go on from its name. */
const WRONGS = {
  CERTIFICATE_REVOKED: { zh: '的证书已吊销', en: ': its certificate is revoked' },
  CERTIFICATE_SUSPENDED: { zh: '的证书已暂停使用', en: ': its certificate is suspended' },
  MEMBER_SUSPENDED: { zh: '的成员资格已被暂停或吊销', en: ': its membership is suspended or revoked' },
} as const satisfies Record<string, Text>

/** Says whose standing it is and who has to see to it: whoever reads the refusal may be the other side. */
export function refuseStanding(
  code: keyof typeof WRONGS,
  { id, name }: { readonly id: string; readonly name: string },
): Refusal {
  const { zh, en } = WRONGS[code]
  return new Refusal(code, {
    member: id,
    detail: { zh: `${name}${zh}`, en: `${name}${en}` },
    remedy: { zh: `须由${name}与共享中心联系解决`, en: `${name} has to settle it with the hub` },
  })
}
