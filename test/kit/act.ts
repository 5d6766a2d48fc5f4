import { createReadStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRefusal } from '#schemas/refusal.ts'
import { downloadFile, uploadFile } from '#web/serving/call-control.ts'
import { APPROVER, eventually, type Network, type Party } from './start-network.ts'

export const PURPOSE = '行业运行监测'

/** META of a plain dataset; give what differs. */
export function metaOf(slug: string, differs: object = {}): object {
  return {
    slug,
    title: { zh: `数据集 ${slug}` },
    contentClass: 2,
    theme: 'production',
    sharing: 'conditional',
    responsible: { unit: '信息部' },
    ...differs,
  }
}

interface Published {
  readonly dataset: string
  readonly version: number
  readonly manifest: string
  readonly bytes: number
  readonly state: string
}

/** Uploads and publishes one file, as `hanghui node publish` does. */
export async function publish(
  owner: Party,
  name: string,
  content: string | Uint8Array,
  meta: object,
): Promise<Published> {
  const folder = join(owner.dataDir, '..', 'inputs')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `${owner.id}-${name}`)
  writeFileSync(path, content)
  const { upload } = await uploadFile(owner.dataDir, createReadStream(path))
  return owner.call<Published>('publish', { meta, files: [{ name, upload }] })
}

/** Request, consent and approval, to a running agreement; returns its id. */
export async function agree(
  network: Network,
  consumer: Party,
  owner: Party,
  dataset: string,
  terms: object = {},
): Promise<string> {
  const { request } = await consumer.call<{ request: string }>('request', { dataset, purpose: PURPOSE, ...terms })
  await eventually(
    async () =>
      (await owner.call<{ request: string }[]>('requests', { incoming: true })).some((one) => one.request === request),
    'the owner hears of the request',
  )
  await owner.call('consent', { request })
  const waiting = await eventually(
    async () =>
      (await network.hub.call<{ id: string; kind: string }[]>('queue')).find(({ kind }) => kind === 'agreement'),
    'the agreement is in the queue',
  )
  await network.hub.call('approve', { id: waiting.id, as: APPROVER })
  return eventually(async () => {
    const all = await consumer.call<{ id: string; state: string; dataset: string }[]>('agreements', {})
    return all.find((one) => one.dataset === dataset && one.state === 'FINALIZED')?.id
  }, 'the consumer hears that the agreement runs')
}

export interface Pulled {
  readonly pull: string
  readonly bytes: number
  readonly fetchedBytes: number
  readonly verified: boolean
  readonly files: { readonly path: string; readonly sha256: string; readonly handle: string }[]
  readonly proofFile: string
}

/** Pulls and returns the content of each file beside the result. */
export async function pull(
  consumer: Party,
  agreement: string,
  version?: number,
): Promise<Pulled & { readonly contents: Buffer[] }> {
  const done = await consumer.call<Pulled>('pull', version === undefined ? { agreement } : { agreement, version })
  const contents: Buffer[] = []
  for (const { handle, path } of done.files) {
    const target = join(consumer.dataDir, '..', `got-${handle}-${path}`)
    await downloadFile(consumer.dataDir, handle, target)
    contents.push(readFileSync(target))
  }
  return { ...done, contents }
}

/** The code a step is refused with; undefined when it is not refused. */
export async function refusalOf(step: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await step()
    return undefined
  } catch (error) {
    if (isRefusal(error)) return error.code
    throw error
  }
}
