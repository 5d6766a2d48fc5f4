/**
 * The child process that reads files from strangers. It may read the program's own folders and descriptor 3, the file,
 * and nothing else: no other file, no network, no other program. It answers with one JSON value and ends; where its
 * parent goes away first, it ends too.
 */
import { type ChildRefusal, refusalIn } from './child-answer.ts'
import { inspectTable } from './inspect-table.ts'
import type { Inspection, InspectJob } from './inspection.ts'
import { openSource } from './table-source.ts'

/** What the child writes: the inspection, a refusal, or what else went wrong. */
export type InspectAnswer =
  | { readonly inspection: Inspection }
  | { readonly refusal: ChildRefusal }
  | { readonly failure: string }

const FILE_DESCRIPTOR = 3

async function answer(job: InspectJob): Promise<InspectAnswer> {
  try {
    return { inspection: await inspectTable(openSource(FILE_DESCRIPTOR, job.name), job) }
  } catch (error) {
    const refusal = refusalIn(error)
    if (refusal !== undefined) return { refusal }
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
