import { chmodSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { clientTlsOptions, expectMember } from '#pki/tls.ts'
import { fromBase64url } from '#schemas/base64url.ts'
import { toBeijing } from '#schemas/clock.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { Text } from '#schemas/refusals/entry.ts'
import type { NodeDeps } from '../deps.ts'
import { ownStanding, type StatusSource } from './report-status.ts'

/** One thing that was looked at; `remedy` says what to do, also where nothing is wrong: then it says how it is. */
export interface HealthCheck {
  readonly name: string
  readonly ok: boolean
  readonly remedy: Text
  /** What does so on the command line; the console has a button. */
  readonly command?: string
}

type Source = Pick<StatusSource, 'outbox'> & { readonly requireNoneForeign: () => void }

const STANDINGS = { suspended: '已暂停', revoked: '已吊销' } as const
const SKEW_SECONDS = 30
const FREE_PART = 0.05
const DAY_SECONDS = 86_400
const REACH_MILLISECONDS = 5_000

/** `hanghui node doctor`: warns long before anything ends. */
export async function checkHealth(deps: NodeDeps, source: Source): Promise<HealthCheck[]> {
  const hub = await measureHub(deps)
  return [
    checkHub(hub),
    checkClock(hub),
    checkCertificates(deps),
    checkForeign(source),
    checkAge(deps, 'directory', deps.trust.directory()?.payload, { zh: '信任目录', en: 'The directory' }),
    checkAge(deps, 'status', deps.trust.status()?.payload, { zh: '状态列表', en: 'The status list' }),
    checkStanding(deps),
    await checkEndpoint(deps),
    checkDisk(deps),
    checkPermissions(deps),
    checkOutbox(source),
    checkAlarms(deps),
  ]
}

const good = (name: string, zh: string, en: string): HealthCheck => ({ name, ok: true, remedy: { zh, en } })
const bad = (name: string, zh: string, en: string, command?: string): HealthCheck => ({
  name,
  ok: false,
  remedy: { zh, en },
  ...(command !== undefined && { command }),
})

type Measured = { readonly skewSeconds: number } | { readonly refused: string }

async function measureHub({ hub, log }: NodeDeps): Promise<Measured> {
  try {
    return { skewSeconds: await hub.measureSkew() }
  } catch (error) {
    if (!isRefusal(error)) throw error
    log.info({ refused: error.code, reason: error.facts['reason'] }, 'doctor: no answer from the hub')
    return { refused: error.code }
  }
}

function checkHub(measured: Measured): HealthCheck {
  return 'refused' in measured
    ? bad(
        'hub',
        `连不上共享中心（${measured.refused}）：检查网络和防火墙；已有授权在有效期内仍可调取`,
        `No answer from the hub (${measured.refused}): check network and firewall; pulls under valid grants go on`,
      )
    : good('hub', '共享中心可达', 'The hub answers')
}

function checkClock(measured: Measured): HealthCheck {
  if ('refused' in measured)
    return bad(
      'clock',
      '无法与共享中心比对时钟：请用 NTP 校准',
      'The clock could not be compared with the hub: keep it by NTP',
    )
  const off = Math.round(measured.skewSeconds)
  return Math.abs(off) <= SKEW_SECONDS
    ? good('clock', `与共享中心相差 ${off} 秒`, `${off} s off the hub`)
    : bad('clock', `时钟与共享中心相差 ${off} 秒：请用 NTP 校准`, `The clock is ${off} s off the hub: set it by NTP`)
}

function checkCertificates(deps: NodeDeps): HealthCheck {
  const { identity, clock } = deps
  if (ownStanding(deps) === 'revoked')
    return bad(
      'certificates',
      '证书已吊销，不能再更新：请向共享中心索取新的接入码，重新接入',
      'The certificates are revoked and cannot be renewed: ask the hub for a new enrolment code and enrol anew',
    )
  const { notBefore, notAfter } = identity.pair()
  const left = notAfter - clock.now()
  const days = Math.floor(left / DAY_SECONDS)
  // Renewal begins at a third; what is below a quarter has failed several times.
  if (left > (notAfter - notBefore) / 4)
    return good('certificates', `证书有效至 ${toBeijing(notAfter)}`, `The certificates run to ${toBeijing(notAfter)}`)
  return left > 0
    ? bad(
        'certificates',
        `证书还有 ${days} 天到期而没有自动更新：请现在更新，看看原因`,
        `The certificates end in ${days} days and did not renew themselves: renew them now to see why`,
        'hanghui node renew',
      )
    : bad(
        'certificates',
        '证书已到期：请现在更新；过期超过 90 天须向共享中心索取新接入码',
        'The certificates have ended: renew them now; more than 90 days after, ask the hub for a new code',
        'hanghui node renew',
      )
}

function checkForeign({ requireNoneForeign }: Source): HealthCheck {
  try {
    requireNoneForeign()
    return good('foreign-certificates', '没有他人以本单位名义的证书', 'Nobody else has a certificate in our name')
  } catch (error) {
    if (!isRefusal(error)) throw error
    return bad(
      'foreign-certificates',
      '信任目录中有本节点没有申请过的本单位证书：立即联系共享中心吊销',
      'The directory has certificates in our name that we did not ask for: have the hub revoke them at once',
    )
  }
}

function checkAge(
  { clock }: NodeDeps,
  name: string,
  signed: { readonly iat: number; readonly exp: number } | undefined,
  of: Text,
): HealthCheck {
  if (signed === undefined)
    return bad(
      name,
      `${of.zh}还没有取得：检查与共享中心的连接`,
      `${of.en} has not been fetched: check the connection to the hub`,
    )
  const minutes = Math.round((clock.now() - signed.iat) / 60)
  const worn = clock.now() > signed.iat + (signed.exp - signed.iat) / 2
  return worn
    ? bad(
        name,
        `${of.zh}已有 ${minutes} 分钟没有更新，${toBeijing(signed.exp)} 后停止服务：检查与共享中心的连接`,
        `${of.en} is ${minutes} min old, serving stops at ${toBeijing(signed.exp)}: check the connection to the hub`,
      )
    : good(name, `${of.zh} ${minutes} 分钟前更新`, `${of.en} is ${minutes} min old`)
}

function checkStanding(deps: NodeDeps): HealthCheck {
  const standing = ownStanding(deps)
  return standing === 'good'
    ? good('membership', '成员状态正常', 'The membership stands')
    : bad(
        'membership',
        `成员资格：${standing === null ? '未在信任目录中' : STANDINGS[standing]}。请联系共享中心`,
        `The membership is ${standing ?? 'not in the directory'}: contact the hub`,
      )
}

/** By our own address, as others come: name, port, certificate. */
async function checkEndpoint({ config, tls, trust, member }: NodeDeps): Promise<HealthCheck> {
  if (config.endpoint === null)
    return good('endpoint', '本节点不对外提供数据（未设地址）', 'This node has no address for others')
  const cas = trust.root().cas.flatMap(({ certificates }) => certificates.map(fromBase64url))
  const connect = {
    ...clientTlsOptions({ identity: tls(), serverCas: cas, expect: expectMember(member) }),
    timeout: REACH_MILLISECONDS,
  }
  const agent = new Agent({ connect, headersTimeout: REACH_MILLISECONDS, bodyTimeout: REACH_MILLISECONDS })
  try {
    const { body } = await request(new URL('/.well-known/hanghui', config.endpoint), { dispatcher: agent })
    await body.dump()
    return good('endpoint', `${config.endpoint} 可达`, `${config.endpoint} answers`)
  } catch (error) {
    const reason = String((error as NodeJS.ErrnoException).code ?? error).slice(0, 80)
    return bad(
      'endpoint',
      `${config.endpoint} 连不上（${reason}）：检查地址、端口转发和防火墙`,
      `${config.endpoint} does not answer (${reason}): check address, port forwarding and firewall`,
    )
  } finally {
    await agent.destroy()
  }
}

function checkDisk({ dataDir }: NodeDeps): HealthCheck {
  const { bavail, blocks, bsize } = statfsSync(dataDir)
  const gib = ((bavail * bsize) / 2 ** 30).toFixed(1)
  return bavail / blocks > FREE_PART
    ? good('disk', `磁盘剩余 ${gib} GiB`, `${gib} GiB free`)
    : bad(
        'disk',
        `磁盘只剩 ${gib} GiB：请清理；写满后不再提供数据`,
        `Only ${gib} GiB free: make room; with a full disk nothing is served`,
      )
}

function checkPermissions({ dataDir }: NodeDeps): HealthCheck {
  if (process.platform === 'win32')
    return good('permissions', '由文件夹访问列表保护', 'Guarded by the access list of the folder')
  const open = openPaths(dataDir)
  return open.length === 0
    ? good('permissions', '数据目录仅本用户可读', 'The data folder is private')
    : bad(
        'permissions',
        `这台机器上的其他用户可以访问：${open.join('、')}。请改为仅本用户可读`,
        `Other users of this machine may enter ${open.join(', ')}: make them private`,
        'chmod 700 (600)',
      )
}

/** What of our secrets others on this machine may read. */
function openPaths(dataDir: string): string[] {
  return [dataDir, join(dataDir, 'keys'), join(dataDir, 'node.db')].filter(
    (path) => (statSync(path).mode & 0o077) !== 0,
  )
}

/** Takes every right from others. */
export function closePaths(dataDir: string): void {
  for (const path of openPaths(dataDir)) chmodSync(path, statSync(path).mode & 0o700)
}

function checkOutbox({ outbox }: Source): HealthCheck {
  const waiting = outbox()
  return waiting === 0
    ? good('outbox', '没有待发送的文件', 'Nothing waits to be sent')
    : bad(
        'outbox',
        `有 ${waiting} 份文件还没有送到共享中心，会自动重试`,
        `${waiting} documents have not reached the hub yet; they are sent again by themselves`,
      )
}

function checkAlarms({ stores }: NodeDeps): HealthCheck {
  const count = stores.alarms.standing().length
  return count === 0
    ? good('alarms', '没有告警', 'No alarms')
    : bad('alarms', `有 ${count} 条告警没有解除`, `${count} alarms stand`, 'hanghui node alarms')
}
