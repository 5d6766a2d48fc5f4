import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'smol-toml'
import { writeDurably } from '#pki/durable-file.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { type Shape, validate } from '#schemas/validate.ts'

/** `config.toml` under a closed schema, frozen. NOT_INITIALISED without the file; CONFIG_INVALID names the key. */
export function readConfig<const S>(path: string, schema: S): Readonly<Shape<S>> {
  if (!existsSync(path)) throw new Refusal('NOT_INITIALISED', { path })
  const value = parseToml(path)
  try {
    return Object.freeze(validate(schema, value, 'CONFIG_INVALID'))
  } catch (error) {
    if (!isRefusal(error)) throw error
    const key = String(error.facts['field'] ?? '')
      .replace(/^\//, '')
      .replaceAll('/', '.')
    throw new Refusal('CONFIG_INVALID', {
      ...error.facts,
      path,
      key,
      detail: { zh: `${path}：${key} 不正确`, en: `${path}: ${key} is not valid` },
    })
  }
}

function parseToml(path: string): unknown {
  try {
    return parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : ''
    throw new Refusal('CONFIG_INVALID', { path, detail: { zh: `${path}：${reason}`, en: `${path}: ${reason}` } })
  }
}

/** A folder of the other server is refused by name, not by the first setting that it lacks. */
export function requireRole(dataDir: string, role: 'hub' | 'node'): void {
  const other = role === 'hub' ? 'node' : 'hub'
  if (existsSync(join(dataDir, `${role}.db`)) || !existsSync(join(dataDir, `${other}.db`))) return
  const named = { hub: { zh: '共享中心', en: 'hub' }, node: { zh: '接入节点', en: 'node' } }
  throw new Refusal('CONFIG_INVALID', {
    path: dataDir,
    rule: `a ${role}'s folder`,
    detail: {
      zh: `${dataDir} 是${named[other].zh}的数据目录，不是${named[role].zh}的`,
      en: `${dataDir} is the data folder of a ${named[other].en}, not of a ${named[role].en}`,
    },
  })
}

/** One setting as `init` writes it: a comment for people, the key, its value; `off` writes it commented out, as an example. */
export interface Setting {
  readonly comment: string
  readonly key: string
  readonly value: string | number | boolean
  readonly off?: boolean
}

/** Writes `config.toml` durably, each setting under its comment. */
export function writeConfig(path: string, settings: readonly Setting[]): void {
  const lines = settings.map(({ comment, key, value, off }) => {
    const line = stringify({ [key]: value }).trim()
    return `${comment.replace(/^/gm, '# ')}\n${off === true ? `# ${line}` : line}\n`
  })
  writeDurably(path, lines.join('\n'), 0o600)
}
