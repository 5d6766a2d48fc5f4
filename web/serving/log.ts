import { type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/** Keys whose values never reach a log, wherever they stand in the first three levels. */
const SECRETS = [
  'authorization',
  'cookie',
  'enrolmentCode',
  'secret',
  'passphrase',
  'key',
  'grant',
  'privateKey',
  'rows',
  'sample',
  'pem',
  'link',
  'token',
] as const

export interface LogOptions {
  /** pino level; `silent` in tests. */
  readonly level: string
  /** Which server speaks: `hub` or `node`. */
  readonly name: string
  /** A file to append to; without it standard error, since standard output belongs to `ready` and `--json`. */
  readonly file?: string
}

/** JSON lines: one event, one line. Written at once, so that the last line before a crash is there. */
export function createLog({ level, name, file }: LogOptions): Logger {
  const destination = pino.destination({ dest: file ?? 2, sync: true, mkdir: false, mode: 0o600 })
  const redact = {
    paths: SECRETS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*["${key}"]`]),
    censor: '[redacted]',
  }
  return pino(
    {
      level,
      base: { name },
      redact,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void destination.write(escapeControls(line)) },
  )
}

/**
 * pino escapes what JSON demands. A terminal also obeys DEL, C1 controls and bidi marks, so these are escaped too; in a
 * JSON line they can stand inside strings only, where `\uXXXX` means the same.
 */
export function escapeControls(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
