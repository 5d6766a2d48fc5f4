import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { parseJson } from '#schemas/json.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import type { CommandContext, Values } from './command.ts'

/** A file that was named on the command line; `-` is standard input. USAGE when it cannot be read. */
export async function readInput(path: string, { stdin }: Pick<CommandContext, 'stdin'>): Promise<string> {
  if (path === '-') return text(stdin)
  return refusingFileErrors(path, () => readFile(path, 'utf8'))
}

/** The same as strict JSON; JSON_* says what is wrong with it. */
export async function readJson(path: string, context: Pick<CommandContext, 'stdin'>): Promise<unknown> {
  const text = (await readInput(path, context)).replace(/^\ufeff/, '')
  try {
    return parseJson(Buffer.from(text))
  } catch (error) {
    // Several files may have been named: say which one.
    throw isRefusal(error) ? new Refusal(error.code, { ...error.facts, path }) : error
  }
}

/** `hub ca add|remove FILE`: the server gets the certificates, since it must not read files of whoever calls it. */
export async function readCa(values: Values, context: CommandContext): Promise<Values> {
  const { file, ...rest } = values
  return { ...rest, file: await readInput(String(file), context) }
}

const SENTENCES: Readonly<Record<string, { zh: string; en: string }>> = {
  ENOENT: { zh: '没有这个文件或目录', en: 'no such file or folder' },
  EACCES: { zh: '没有权限', en: 'permission denied' },
  EPERM: { zh: '没有权限', en: 'permission denied' },
  EISDIR: { zh: '这是目录，不是文件', en: 'this is a folder, not a file' },
  ENOTDIR: { zh: '路径中有一段不是目录', en: 'a part of the path is not a folder' },
  EEXIST: { zh: '已经存在', en: 'it is already there' },
  EROFS: { zh: '只读文件系统', en: 'a read-only file system' },
}

/** What the file system says about a path that a person typed becomes a refusal that names the path. */
export async function refusingFileErrors<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new Refusal('DISK_FULL', { path })
    const sentence = SENTENCES[code]
    if (sentence === undefined) throw error
    const detail = { zh: `${path}：${sentence.zh}`, en: `${path}: ${sentence.en}` }
    throw new Refusal(code === 'EEXIST' ? 'FILE_EXISTS' : 'USAGE', { path, detail })
  }
}

/**
 * Of a data folder, a passphrase's or a socket's: what the file system forbids is for whoever runs the command to mend, and
 * no bug. SQLite does not say which file it was. Undefined for anything else.
 */
export function findPathRefusal(error: unknown, dataDir: string): Refusal | undefined {
  const { code = '', path: file, address, syscall } = error as NodeJS.ErrnoException & { readonly address?: string }
  if (/^SQLITE_(CANTOPEN|READONLY|PERM)/.test(code)) return unusable(dataDir, NOT_WRITABLE)
  const path = file ?? address
  const sentence = code === 'ENOENT' || code === 'EEXIST' ? MAKING[`${syscall} ${code}`] : SENTENCES[code]
  return path === undefined || sentence === undefined ? undefined : unusable(path, sentence)
}

/** Of a folder that is made with those above it. Node says ENOENT where they are there and forbid it (a read-only mount). */
const MAKING: typeof SENTENCES = {
  'mkdir EEXIST': { zh: '这是文件，不是目录', en: 'this is a file, not a folder' },
  'mkdir ENOENT': { zh: '此处不能建立目录', en: 'no folder can be made here' },
}

const NOT_WRITABLE = { zh: '其中的数据库无法打开或写入', en: 'its database cannot be opened or written' }

function unusable(path: string, { zh, en }: { readonly zh: string; readonly en: string }): Refusal {
  return new Refusal('PATH_UNUSABLE', { path, detail: { zh: `${path}：${zh}`, en: `${path}: ${en}` } })
}
