import type { Text } from '#schemas/refusals/entry.ts'
import type { Render } from './command.ts'
import { layOut } from './show-result.ts'
import { labelOf, showBytes } from './values-for-people.ts'

/** What each number of the limits table bounds. */
const MEANINGS: Readonly<Record<string, Text>> = {
  statusTtlSeconds: { zh: '状态列表轮询间隔', en: 'status list: asked for every' },
  statusAlarmSeconds: { zh: '状态列表陈旧告警', en: 'status list: alarm from an age of' },
  statusExpirySeconds: { zh: '状态列表失效，此后不再调取', en: 'status list: no pulls past an age of' },
  directoryExpirySeconds: { zh: '信任目录失效，此后不认任何一方', en: 'directory: nobody is believed past an age of' },
  grantSeconds: { zh: '授权凭证最长有效期', en: 'a grant lives at most' },
  clockSkewSeconds: { zh: '允许的时钟偏差', en: 'clocks may differ by' },
  certificateDays: { zh: '成员证书有效期', en: "a member's certificate lives" },
  onlineCertificateDays: { zh: '共享中心在线证书有效期', en: "a hub's online certificate lives" },
  renewalGraceDays: { zh: '证书到期后仍可更新', en: 'a certificate renews after its end for' },
  enrolmentCodeSeconds: { zh: '接入码有效期', en: 'an enrolment code lives' },
  enrolmentCodeBytes: { zh: '接入码随机长度', en: 'an enrolment code has random' },
  enrolmentFailuresPerMinute: { zh: '每个地址每分钟接入失败次数', en: 'failed enrolments a minute and address' },
  pullOpenSeconds: { zh: '调取最长保持打开', en: 'a pull stays open' },
  acknowledgementDueSeconds: { zh: '未确认的调取最长搁置', en: 'a pull may rest unacknowledged' },
  agreementFinalSeconds: { zh: '协议从首个签名到生效最长', en: 'an agreement is final within' },
  transferCutSeconds: { zh: '权利终止后切断传输', en: 'a transfer is cut within' },
  heartbeatSeconds: { zh: '事件流心跳', en: 'event streams beat every' },
  trustRefreshSeconds: { zh: '未知签名者的重新查询间隔', en: 'unknown signers are looked up every' },
  chunkListBytes: { zh: '分块清单最大', en: 'a chunk list has at most' },
  controlBodyBytes: { zh: '请求体最大', en: 'a request body has at most' },
  catalogEntryBytes: { zh: '目录条目最大', en: 'a catalog entry has at most' },
  sampleBytes: { zh: '公开样例最大', en: 'a public sample has at most' },
  jsonDepth: { zh: 'JSON 嵌套层数', en: 'JSON is nested at most' },
  headerBytes: { zh: '请求头最大', en: 'request headers have at most' },
  handshakeMilliseconds: { zh: 'TLS 握手时限', en: 'a TLS handshake takes at most' },
  headersMilliseconds: { zh: '请求头接收时限', en: 'request headers arrive within' },
  requestMilliseconds: { zh: '请求接收时限', en: 'a request arrives within' },
  idleTransferMilliseconds: { zh: '传输停滞后断开', en: 'a transfer that rests is cut after' },
  pageItems: { zh: '列表每页条数', en: 'a page of a list has' },
  pageItemsMost: { zh: '列表每页最多条数', en: 'a page of a list has at most' },
}

const UNITS = [
  [86_400, { zh: '天', en: 'd' }],
  [3_600, { zh: '小时', en: 'h' }],
  [60, { zh: '分钟', en: 'min' }],
  [1, { zh: '秒', en: 's' }],
] as const

/** The limits table: what each number bounds, the number in a unit that a person takes in, its name for programs. */
export const showLimits: Render = (result: Readonly<Record<string, number>>, language) =>
  layOut(
    language === 'zh' ? ['限度', '数值', '名称'] : ['limit', 'value', 'name'],
    Object.entries(result).map(([name, value]) => [
      MEANINGS[name]?.[language] ?? labelOf(name, language),
      withUnit(name, value)[language],
      name,
    ]),
  )

function withUnit(name: string, value: number): Text {
  if (name.endsWith('Bytes')) return { zh: showBytes(value), en: showBytes(value) }
  if (name.endsWith('Milliseconds')) return { zh: `${value} 毫秒`, en: `${value} ms` }
  const seconds = name.endsWith('Days') ? value * 86_400 : name.endsWith('Seconds') ? value : undefined
  if (seconds === undefined) return { zh: String(value), en: String(value) }
  // Whole days are read as days from three on: 24 h and 72 h are what everybody calls them.
  const fits = ([size]: (typeof UNITS)[number]) => seconds % size === 0 && (size !== 86_400 || seconds > 3 * size)
  const [size, unit] = UNITS.find(fits) ?? UNITS[3]
  return { zh: `${seconds / size} ${unit.zh}`, en: `${seconds / size} ${unit.en}` }
}
