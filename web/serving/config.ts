import type { TightenableLimit } from '#schemas/limits.ts'
import type { Setting } from './config-file.ts'

export const PORT = { type: 'integer', minimum: 0, maximum: 65_535 } as const
export const SETTING_TEXT = { type: 'string', minLength: 1, maxLength: 300 } as const
const SECONDS = { type: 'integer', minimum: 60, maximum: 31_536_000 } as const

/** Settings that tighten a number of the limits table, by their key in `config.toml`. */
const TIGHTENED = {
  status_expiry_seconds: 'statusExpirySeconds',
  directory_expiry_seconds: 'directoryExpirySeconds',
  grant_seconds: 'grantSeconds',
  pull_open_seconds: 'pullOpenSeconds',
  acknowledgement_due_seconds: 'acknowledgementDueSeconds',
} as const satisfies Record<string, TightenableLimit>

/** Properties of `config.toml` that both servers have. */
export const SERVER_PROPERTIES = {
  host: SETTING_TEXT,
  console: { type: 'string', enum: ['link', 'certificate'] },
  passphrase_file: SETTING_TEXT,
  log_level: { type: 'string', enum: ['trace', 'debug', 'info', 'warn', 'error', 'silent'] },
  log_file: SETTING_TEXT,
  status_expiry_seconds: SECONDS,
  directory_expiry_seconds: SECONDS,
  grant_seconds: SECONDS,
  pull_open_seconds: SECONDS,
  acknowledgement_due_seconds: SECONDS,
} as const

/** The settings that both servers have, as they are read. */
export interface ServerConfig {
  /** Where it listens. */
  readonly host: string
  readonly console: 'link' | 'certificate'
  readonly passphraseFile: string | undefined
  readonly logLevel: string
  readonly logFile: string | undefined
  readonly limits: Readonly<Partial<Record<TightenableLimit, number>>>
}

interface RawServer extends Readonly<Partial<Record<keyof typeof TIGHTENED, number | undefined>>> {
  readonly host: string
  readonly console: 'link' | 'certificate'
  readonly passphrase_file?: string | undefined
  readonly log_level: string
  readonly log_file?: string | undefined
}

export function serverConfig(raw: RawServer): ServerConfig {
  const set = Object.entries(TIGHTENED).flatMap(([key, name]) => {
    const value = raw[key as keyof typeof TIGHTENED]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    host: raw.host,
    console: raw.console,
    passphraseFile: raw.passphrase_file,
    logLevel: raw.log_level,
    logFile: raw.log_file,
    limits: Object.fromEntries(set),
  }
}

/** What follows a server's own settings in a new `config.toml`; its keys' passphrase, its log, its limits. */
export function serverSettings(server: 'hub' | 'node', passphraseFile: string | undefined): readonly Setting[] {
  return [
    {
      comment: '私钥口令文件 / Passphrase of the keys; without it the usual place',
      key: 'passphrase_file',
      value: passphraseFile ?? `/etc/hanghui/${server}.passphrase`,
      off: passphraseFile === undefined,
    },
    { comment: '日志级别 / trace debug info warn error silent', key: 'log_level', value: 'info' },
    {
      comment: '日志文件（默认标准错误） / Log file; without it standard error',
      key: 'log_file',
      value: `/var/log/hanghui/${server}.log`,
      off: true,
    },
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
    {
      comment: `授权凭证最长有效期 / Longest grant${server === 'node' ? ' served' : ''}`,
      key: 'grant_seconds',
      value: 86_400,
      off: true,
    },
    { comment: '一次调取最长期限 / Longest open pull', key: 'pull_open_seconds', value: 604_800, off: true },
    {
      comment: '签收期限 / How long a delivery may rest unacknowledged',
      key: 'acknowledgement_due_seconds',
      value: 3_600,
      off: true,
    },
  ]
}

/** The process environment, where systemd hands over credentials. Read here and nowhere else in a server. */
export function environment(): NodeJS.ProcessEnv {
  return process.env
}
