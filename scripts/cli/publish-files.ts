import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { Refusal } from '#schemas/refusal.ts'
import { uploadFile } from '#web/serving/call-control.ts'
import { ask } from './call-action.ts'
import type { CommandContext, Outcome, Values } from './command.ts'
import { openProgress } from './progress-bar.ts'
import { readJson, refusingFileErrors } from './read-input.ts'

/** `node publish`: what is said about the data is read first, then each file goes to the node, then it publishes. */
export async function publish(values: Values, context: CommandContext): Promise<Outcome> {
  const paths = values['files'] as readonly string[]
  requireDistinctNames(paths)
  const meta = await readJson(String(values['meta']), context)
  const schema = values['schema'] === undefined ? {} : { schema: await readJson(String(values['schema']), context) }
  const as = values['as'] === undefined ? {} : { as: values['as'] }
  const files = await sendFiles(paths, context)
  return { result: await ask('publish', { meta, ...schema, files, ...as }, context) }
}

async function sendFiles(
  paths: readonly string[],
  context: CommandContext,
): Promise<readonly { name: string; upload: string }[]> {
  const sizes = await Promise.all(paths.map((path) => refusingFileErrors(path, async () => sizeOf(path))))
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0)
  const progress = openProgress(context)
  const sent: { name: string; upload: string }[] = []
  let before = 0
  try {
    for (const path of paths) {
      const start = before
      const { upload, bytes } = await refusingFileErrors(path, () =>
        uploadFile(context.dataDir, createReadStream(path, { highWaterMark: 1_048_576 }), (done) =>
          progress.show({ phase: 'upload', done: start + done, total, unit: 'bytes' }),
        ),
      )
      before += bytes
      sent.push({ name: basename(path), upload })
    }
  } finally {
    progress.clear()
  }
  return sent
}

/** A pipe or device has no length, and what is published must be readable twice. */
function sizeOf(path: string): number {
  const stats = statSync(path)
  if (!stats.isFile()) throw Object.assign(new Error(path), { code: 'EISDIR' })
  return stats.size
}

function requireDistinctNames(paths: readonly string[]): void {
  const names = paths.map((path) => basename(path))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return
  const detail = { zh: `有两个文件同名：${twice}`, en: `Two files have the same name: ${twice}` }
  throw new Refusal('USAGE', { path: twice, detail })
}
