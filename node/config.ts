import { join } from 'node:path'
import type { TightenableLimit } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { readConfig, type Setting, writeConfig } from '#web/serving/config-file.ts'

const PORT = { type: 'integer', minimum: 0, maximum: 65_535 } as const
const TEXT = { type: 'string', minLength: 1, maxLength: 300 } as const
const SECONDS = { type: 'integer', minimum: 60, maximum: 31_536_000 } as const

/** Settings that tighten a number of the limits table, by their key in `config.toml`. */
const TIGHTENED = {
  status_expiry_seconds: 'statusExpirySeconds',
  directory_expiry_seconds: 'directoryExpirySeconds',
  grant_seconds: 'grantSeconds',
  pull_open_seconds: 'pullOpenSeconds',
  acknowledgement_due_seconds: 'acknowledgementDueSeconds',
} as const satisfies Record<string, TightenableLimit>

const CONFIG = closed(
  {
    host: TEXT,
    endpoint: { type: 'string', maxLength: 300, pattern: '^(|https://[^\\s/?#@]+)$' },
    exchange_port: PORT,
    console_port: PORT,
    console: { type: 'string', enum: ['link', 'certificate'] },
    passphrase_file: TEXT,
    log_level: { type: 'string', enum: ['trace', 'debug', 'info', 'warn', 'error', 'silent'] },
    log_file: TEXT,
    status_expiry_seconds: SECONDS,
    directory_expiry_seconds: SECONDS,
    grant_seconds: SECONDS,
    pull_open_seconds: SECONDS,
    acknowledgement_due_seconds: SECONDS,
  },
  ['host', 'endpoint', 'exchange_port', 'console_port', 'console', 'log_level'],
)

export type ListenerName = 'exchange' | 'console'
export const LISTENERS = ['exchange', 'console'] as const satisfies readonly ListenerName[]
export const DEFAULT_PORTS = { exchange: 7543, console: 7545 } as const

/** `config.toml` of a node, checked as a whole. */
export interface NodeConfig {
  readonly host: string
  /** Base URL under which other nodes reach this one; null where they cannot. */
  readonly endpoint: string | null
  readonly ports: Readonly<Record<ListenerName, number>>
  readonly console: 'link' | 'certificate'
  readonly passphraseFile: string | undefined
  readonly logLevel: string
  readonly logFile: string | undefined
  readonly limits: Readonly<Partial<Record<TightenableLimit, number>>>
}

/** The node's `config.toml`; NOT_INITIALISED, CONFIG_INVALID with the key. */
export function readNodeConfig(dataDir: string): NodeConfig {
  const path = join(dataDir, 'config.toml')
  const raw = readConfig(path, CONFIG)
  if (raw.console === 'certificate')
    throw new Refusal('CONFIG_INVALID', { path, key: 'console', rule: 'certificate comes with the staff console' })
  return Object.freeze({
    host: raw.host,
    endpoint: raw.endpoint === '' ? null : raw.endpoint,
    ports: { exchange: raw.exchange_port, console: raw.console_port },
    console: raw.console,
    passphraseFile: raw.passphrase_file,
    logLevel: raw.log_level,
    logFile: raw.log_file,
    limits: limitsOf(raw),
  })
}

function limitsOf(raw: Readonly<Record<string, unknown>>): NodeConfig['limits'] {
  const set = Object.entries(TIGHTENED).filter(([key]) => raw[key] !== undefined)
  return Object.fromEntries(set.map(([key, name]) => [name, raw[key] as number]))
}

/** What `init` settles; the rest is written as commented examples. */
export interface NewNodeConfig {
  readonly host: string
  readonly endpoint: string
  readonly ports: Readonly<Record<ListenerName, number>>
  readonly passphraseFile: string | undefined
}

/** Writes `config.toml` with a comment on each setting. */
export function writeNodeConfig(path: string, { host, endpoint, ports, passphraseFile }: NewNodeConfig): void {
  writeConfig(path, [
    { comment: '监听地址 / Where it listens', key: 'host', value: host },
    {
      comment:
        '其他节点访问本节点的地址；外部无法访问时留空；改动后运行 hanghui node renew\nWhere other nodes reach this one; empty where they cannot; run hanghui node renew after a change',
      key: 'endpoint',
      value: endpoint,
    },
    { comment: '交换接口（双向 TLS） / Other nodes, mutual TLS', key: 'exchange_port', value: ports.exchange },
    { comment: '管理台（仅本机） / Console, loopback only', key: 'console_port', value: ports.console },
    { comment: '管理台登录方式 / How staff get in', key: 'console', value: 'link' },
    {
      comment: '私钥口令文件 / Passphrase of the keys; without it the usual place',
      key: 'passphrase_file',
      value: passphraseFile ?? '/etc/hanghui/node.passphrase',
      off: passphraseFile === undefined,
    },
    { comment: '日志级别 / trace debug info warn error silent', key: 'log_level', value: 'info' },
    {
      comment: '日志文件（默认标准错误） / Log file; without it standard error',
      key: 'log_file',
      value: '/var/log/hanghui/node.log',
      off: true,
    },
    ...TIGHTENING,
  ])
}

const TIGHTENING: readonly Setting[] = [
  {
    comment:
      '以下只能收紧 / These may tighten the limits, never loosen them\n状态列表最长时效 / Oldest status list that counts',
    key: 'status_expiry_seconds',
    value: 86_400,
    off: true,
  },
  {
    comment: '信任目录最长时效 / Oldest directory that counts',
    key: 'directory_expiry_seconds',
    value: 259_200,
    off: true,
  },
  { comment: '授权凭证最长有效期 / Longest grant served', key: 'grant_seconds', value: 86_400, off: true },
  { comment: '一次调取最长期限 / Longest open pull', key: 'pull_open_seconds', value: 604_800, off: true },
  {
    comment: '签收期限 / How long a delivery may rest unacknowledged',
    key: 'acknowledgement_due_seconds',
    value: 3_600,
    off: true,
  },
]

/** The process environment, where systemd hands over credentials. Read here and nowhere else. */
export function environment(): NodeJS.ProcessEnv {
  return process.env
}
