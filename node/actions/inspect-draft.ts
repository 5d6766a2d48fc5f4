import { isRefusal } from '#schemas/refusal.ts'
import type { ActionContext } from '#web/serving/actions.ts'
import type { Draft, DraftFile, Drafts, Look } from '../store/drafts.ts'
import { inspectFile } from '../tables/inspect.ts'
import type { TableSchema } from '../tables/table-schema.ts'
import { isPaper } from './media-type.ts'

/** Rows that the grid shows: as many from the top, as many with findings. */
const SHOWN_ROWS = 200
const SHOWN_ERRORS = 200
const MOST_SAMPLE_ROWS = 100

type Context = Pick<ActionContext, 'progress' | 'signal'>

/**
 * Looks at the files of a draft that nobody has looked at as it stands, and keeps what was found beside them. A draft without
 * a schema gets the one proposed from its first table, with the types that nearly all cells fit: what does not fit is then
 * shown cell by cell.
 */
export async function inspectDraft(drafts: Drafts, draft: Draft, context: Context): Promise<Draft> {
  let { schema } = draft
  for (const [index, file] of draft.files.entries()) {
    if (drafts.findLook(draft, file) !== undefined) continue
    const files = draft.files.length
    // Of a single file nobody knows how far the look has come.
    if (files > 1) context.progress({ phase: 'check', done: index, total: files, unit: 'files' })
    else context.progress({ phase: 'check', done: 0, total: 0, unit: 'steps' })
    const look = await lookAt(drafts, draft, file, schema, context)
    if ('found' in look && schema === null) schema = withWords(look.found.strict ?? look.found.schema, draft)
    // The proposed schema fits by definition; only the stricter one has something to say.
    const strict = 'found' in look && look.found.proposed && look.found.strict !== null
    drafts.writeLook(draft, file, strict ? await lookAt(drafts, draft, file, schema, context) : look)
  }
  return schema === draft.schema ? draft : { ...draft, schema }
}

async function lookAt(
  drafts: Drafts,
  draft: Draft,
  file: DraftFile,
  schema: TableSchema | null,
  { signal }: Context,
): Promise<Look> {
  const { reading, files } = draft
  const isBeside = files.length > 1 && isPaper(file.name)
  try {
    const found = await inspectFile(drafts.pathOf(draft.id, file), {
      name: file.name,
      schema: isBeside ? null : schema,
      sampleRows: MOST_SAMPLE_ROWS,
      shownRows: SHOWN_ROWS,
      reading,
      limits: { errors: SHOWN_ERRORS },
      signal,
    })
    return { found }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { refused: { code: error.code, facts: error.facts } }
  }
}

/** Columns found anew keep what a person wrote of those of their names. */
function withWords(schema: TableSchema | null, { words }: Draft): TableSchema | null {
  if (schema === null) return null
  const fields = schema.fields.map((field) =>
    Object.hasOwn(words, field.name) ? { ...field, ...words[field.name] } : field,
  )
  return { ...schema, fields }
}
