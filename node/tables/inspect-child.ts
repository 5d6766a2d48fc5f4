/**
 * The child process that reads files from strangers. It may read the program's own folders and descriptor 3, the file,
 * and nothing else: no other file, no network, no other program. It answers with one JSON value and ends; where its
 * parent goes away first, it ends too.
 */
import { isRefusal } from '#schemas/refusal.ts'
import { inspectTable } from './inspect-table.ts'
import type { Inspection, InspectJob } from './inspection.ts'
import { openSource } from './table-source.ts'

/** What the child writes: the inspection, a refusal, or what else went wrong. */
export type InspectAnswer =
  | { readonly inspection: Inspection }
  | { readonly refusal: { readonly code: string; readonly facts: object } }
  | { readonly failure: string }

const FILE_DESCRIPTOR = 3

async function answer(job: InspectJob): Promise<InspectAnswer> {
  try {
    return { inspection: await inspectTable(openSource(FILE_DESCRIPTOR, job.name), job) }
  } catch (error) {
    if (isRefusal(error)) return { refusal: { code: error.code, facts: error.facts } }
    // Too long a string or too large a buffer: the engine's own limits are limits on the file.
    if (error instanceof RangeError) return { refusal: { code: 'INPUT_TOO_COSTLY', facts: { reason: error.message } } }
    return { failure: error instanceof Error ? `${error.stack}` : String(error) }
  }
}

let received = ''
process.stdin.setEncoding('utf8')
process.stdin.on('end', () => process.exit(1))
process.stdin.on('data', (piece: string) => {
  received += piece
  if (!received.endsWith('\n')) return
  void answer(JSON.parse(received) as InspectJob).then((result) => {
    process.stdout.write(JSON.stringify(result), () => process.exit(0))
  })
})
