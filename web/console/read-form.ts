import type { FastifyRequest } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'
import { type Fields, fieldsOf, readForm } from '../pages/forms.ts'
import type { Transfers } from '../serving/transfers.ts'
import type { HandedFile } from './console-visit.ts'

/** A form with its files, which lie on disk until `discard`. */
export interface ReadForm {
  readonly fields: Fields
  readonly files: ReadonlyMap<string, readonly HandedFile[]>
  discard(): void
}

const FIELD_BYTES = 1_048_576
const filesMost = 50

/** Reads a form of either encoding; files go to disk as they come, whatever their size. BODY_TOO_LARGE, DISK_FULL. */
export async function readWholeForm(request: FastifyRequest, transfers: Transfers): Promise<ReadForm> {
  if (!request.isMultipart()) return { fields: readForm(request), files: new Map(), discard: () => {} }
  const values = new Map<string, string[]>()
  const files = new Map<string, HandedFile[]>()
  const discard = () => {
    for (const file of [...files.values()].flat()) transfers.discard(file.upload)
  }
  try {
    for await (const part of request.parts({ limits: LIMITS_OF_FORMS })) {
      if (part.type === 'field') {
        if (part.valueTruncated) throw new Refusal('BODY_TOO_LARGE', { field: `/${part.fieldname}` })
        push(values, part.fieldname, String(part.value))
        continue
      }
      const { upload, bytes } = await transfers.receive(part.file)
      const { filename = '', fieldname } = part
      if (bytes > 0) push(files, fieldname, { name: filename, path: transfers.pathOf(upload), upload, bytes })
      else transfers.discard(upload)
      // A field that was left open comes as a file without name.
      if (bytes === 0 && filename !== '') throw emptyFile(fieldname, filename)
    }
  } catch (error) {
    discard()
    // A browser shows an answer only once it has sent all it had to send: the rest is read and dropped.
    request.raw.unpipe()
    request.raw.resume()
    throw isBrokenOff(error) ? new Refusal('BODY_INVALID', { rule: 'the form ends before its end' }) : error
  }
  return { fields: fieldsOf(Object.fromEntries(values)), files, discard }
}

function emptyFile(field: string, name: string): Refusal {
  return new Refusal('BODY_INVALID', {
    field: `/${field}`,
    detail: { zh: `文件“${name}”是空的`, en: `The file "${name}" is empty` },
    remedy: { zh: '请检查文件，重新选择', en: 'Look at the file and choose again' },
  })
}

/** The parser's own errors are plain ones without a code; `aborted` is a browser that went away. */
function isBrokenOff(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  const isPlain = Object.getPrototypeOf(error) === Error.prototype
  return (isPlain && code === undefined) || code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE'
}

const LIMITS_OF_FORMS = {
  fieldSize: FIELD_BYTES,
  files: filesMost,
  fields: 2_000,
  parts: 2_100,
  fileSize: Infinity,
} as const

function push<T>(lists: Map<string, T[]>, field: string, value: T): void {
  const known = lists.get(field)
  if (known === undefined) lists.set(field, [value])
  else known.push(value)
}
