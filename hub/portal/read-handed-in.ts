import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { LIMITS } from '#schemas/limits.ts'
import { Refusal } from '#schemas/refusal.ts'
import type { HandedIn } from '../actions/check-handed-in.ts'

/** Larger files are for `hanghui verify`, which reads them where they lie. */
export const maxHandedInBytes = 32 * 1_048_576
export const maxHandedInFiles = 12
/** A proof holds a few documents of 1 MiB at most, and mostly some kilobytes. */
const maxDocumentBytes = 4 * 1_048_576

/** Reads the files of a form without keeping more of each than a document may be long. BODY_TOO_LARGE. */
export async function readHandedIn(request: FastifyRequest): Promise<HandedIn[]> {
  const files: HandedIn[] = []
  let bytes = 0
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      if (part.fieldname === 'text' && typeof part.value === 'string' && part.value.trim() !== '')
        files.push(handedIn('', [Buffer.from(part.value)], Buffer.byteLength(part.value)))
      continue
    }
    const pieces: Buffer[] = []
    const hash = createHash('sha256')
    let length = 0
    for await (const piece of part.file as AsyncIterable<Buffer>) {
      length += piece.length
      bytes += piece.length
      if (bytes > maxHandedInBytes) throw new Refusal('BODY_TOO_LARGE', { limit: maxHandedInBytes })
      hash.update(piece)
      if (length <= maxDocumentBytes) pieces.push(piece)
      else pieces.length = 0
    }
    if (length > 0) files.push(handedIn(part.filename ?? '', pieces, length, hash.digest('hex')))
  }
  return files
}

function handedIn(name: string, pieces: Buffer[], length: number, sha256 = ''): HandedIn {
  return { name, sha256, ...(length <= maxDocumentBytes ? { content: Buffer.concat(pieces) } : {}) }
}

/** For @fastify/multipart: a public form takes a few small files and nothing else. */
export const HANDED_IN_LIMITS = {
  fileSize: maxHandedInBytes,
  files: maxHandedInFiles,
  fields: 4,
  fieldSize: LIMITS.catalogEntryBytes,
  parts: maxHandedInFiles + 4,
} as const
