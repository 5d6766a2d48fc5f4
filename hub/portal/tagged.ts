import type { FastifyRequest } from 'fastify'
import { sha256 } from '#schemas/hash.ts'
import type { Raw } from '#web/pages/page.ts'
import { hasTag } from '../routes/etag.ts'

/** How long a reader of feeds and site maps may go without asking again, seconds. */
const SECONDS = 300

/** A text under its hash as ETag: 304 to whoever has it. Weak, since it may be compressed on its way. */
export function tagged(request: FastifyRequest, type: string, text: string): Raw {
  const tag = `"${sha256(text).slice(0, 32)}"`
  const headers = {
    etag: `W/${tag}`,
    'cache-control': `public, max-age=${SECONDS}`,
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  }
  if (hasTag(request.headers['if-none-match'], tag)) return { raw: '', type, headers, status: 304 }
  return { raw: text, type, headers }
}
