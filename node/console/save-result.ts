import { createReadStream, rmSync, statSync } from 'node:fs'
import { attachment } from '#web/pages/attachment.ts'
import { type Raw, raw } from '#web/pages/page.ts'
import { fileOf } from '../actions/read-result.ts'
import { convertTable } from '../tables/read-rows.ts'
import type { NodePages, NodePagesDeps, NodeVisit } from './node-pages.ts'
import { pullOf } from './pull.ts'

const TYPES = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const

/** A received file on its way to the person's own folder: as it is, or as a table that spreadsheets open rightly. */
export function saveResultPages(pages: NodePages, deps: NodePagesDeps): void {
  pages.get('/pulls/:id/files/:n/save', { roles: 'any' }, (visit) => {
    const as = visit.query.get('as')
    return as === 'csv' || as === 'xlsx' ? saveTable(visit, deps, as) : saveOriginal(visit, deps)
  })
}

/** Media types come from a stranger: a browser is told nothing that it could act upon. */
function saveOriginal(visit: NodeVisit, deps: NodePagesDeps): Raw {
  const { path, at, bytes } = fileOf(deps.using.result(pullOf(visit)), Number(visit.params['n']))
  return raw('application/octet-stream', createReadStream(at), attachment(path, bytes))
}

async function saveTable(visit: NodeVisit, deps: NodePagesDeps, as: keyof typeof TYPES): Promise<Raw> {
  const view = deps.using.result(pullOf(visit))
  const { path, at } = fileOf(view, Number(visit.params['n']))
  const numeric = view.fields.filter(({ type }) => type === 'integer' || type === 'number').map(({ name }) => name)
  const sheet = visit.query.get('sheet')
  const file = { path: at, name: path, reading: sheet === null ? {} : { sheet } }
  const target = deps.using.scratchPath()
  try {
    await convertTable(file, as, { target, numeric, signal: visit.signal })
    const stream = createReadStream(target)
    const bytes = statSync(target).size
    stream.once('close', () => rmSync(target, { force: true }))
    return raw(TYPES[as], stream, attachment(savedName(visit, path, as, sheet), bytes))
  } catch (error) {
    rmSync(target, { force: true })
    throw error
  }
}

/** Named after its sheet; never as the original is, which stays another file. */
function savedName({ t }: NodeVisit, path: string, as: keyof typeof TYPES, sheet: string | null): string {
  const name = path.replace(/\.[^.]*$/, '')
  const part = sheet?.replace(/[/\\:*?"<>|]/g, '_') ?? (path.toLowerCase().endsWith(`.${as}`) ? t('另存', 'saved') : '')
  return `${name}${part === '' ? '' : `-${part}`}.${as}`
}
