import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { ensurePassphraseFile, readPassphraseFile } from '#pki/keys.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'

/** Name under which systemd hands the passphrase to a unit (`LoadCredential=hanghui-passphrase:…`). */
export const CREDENTIAL = 'hanghui-passphrase'

export interface PassphraseSource {
  /** `passphrase_file` of config.toml. */
  readonly file?: string | undefined
  /** The process environment: `CREDENTIALS_DIRECTORY` (systemd), `XDG_CONFIG_HOME`. */
  readonly env: NodeJS.ProcessEnv
}

/**
 * Where `init` keeps the passphrase of a folder's keys: apart from the folder, so that a copy of the folder alone opens
 * nothing. It protects backups and moved disks, not against who can read the home of the same user.
 */
export function passphrasePath(dir: string, env: NodeJS.ProcessEnv): string {
  const name = createHash('sha256').update(realpathSync(dir)).digest('hex').slice(0, 16)
  const root =
    process.geteuid?.() === 0
      ? '/etc/hanghui/keys'
      : join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'hanghui', 'keys')
  return join(root, name)
}

/** For `init`: the passphrase in the file that is named or in its usual place, made at random where there is none. */
export function makePassphrase(dir: string, source: PassphraseSource): string {
  const given = source.file === undefined ? findGiven(source) : undefined
  if (given !== undefined) return given
  const path = source.file ?? passphrasePath(dir, source.env)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return refusingPki(() => ensurePassphraseFile(path))
}

/** For `start`: never makes one. KEY_UNREADABLE when it is missing, KEY_PERMISSIONS when others may read it. */
export function readPassphrase(dir: string, source: PassphraseSource): string {
  return findGiven(source) ?? readNamed(passphrasePath(dir, source.env))
}

/** Says which file it was: after a move or a restore that is all a person needs to know. */
function readNamed(path: string): string {
  try {
    return refusingPki(() => readPassphraseFile(path))
  } catch (error) {
    throw isRefusal(error) ? new Refusal(error.code, { ...error.facts, path }) : error
  }
}

/** `passphrase_file` first, then the credential of the unit. */
function findGiven({ file, env }: PassphraseSource): string | undefined {
  if (file !== undefined) return readNamed(file)
  const folder = env['CREDENTIALS_DIRECTORY']
  return folder === undefined ? undefined : readCredential(join(folder, CREDENTIAL))
}

/** systemd guards credentials by an access list that shows as group bits, so the usual check of modes does not fit. A unit without one falls back to the usual file. */
function readCredential(path: string): string | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Refusal('KEY_UNREADABLE', { path })
  }
  const passphrase = text.replace(/\r?\n$/, '')
  if (!(passphrase.length >= 16)) throw new Refusal('KEY_UNREADABLE', { path })
  return passphrase
}
