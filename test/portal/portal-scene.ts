import type { Test } from 'tap'
import { toRfc3339 } from '#schemas/clock.ts'
import { parseDocument } from '#schemas/document.ts'
import { sha256 } from '#schemas/hash.ts'
import type { CatalogEntry } from '#schemas/kinds.ts'
import type { Made } from '../hub-exchange/made-documents.ts'
import { startScene } from '../hub-exchange/scene.ts'
import type { Party } from '../hub-exchange/world.ts'

type Meta = Partial<CatalogEntry['meta']>

/** A description that leaves little to be wished for. */
export const STEEL: Meta = {
  title: { zh: '钢铁产量月度统计', en: 'Steel output, monthly' },
  description: {
    zh: '重点企业月度产量、销量和库存，由会员企业直报汇总，口径为规模以上企业。',
    en: 'Output of key enterprises.',
  },
  contentClass: 2,
  theme: 'production',
  industries: ['C31'],
  region: '130000',
  period: { from: '2025-01', to: '2026-10' },
  periodicity: 'monthly',
  sharing: 'unconditional',
  keywords: ['钢铁', '产量'],
  sample: { rows: 3 },
  responsible: { unit: '信息部', contact: 'data@example.org' },
}
export const STEEL_ENTRY: Partial<CatalogEntry> = {
  fields: [
    { name: '月份', type: 'string' },
    { name: '产量（万吨）', type: 'number' },
  ],
  sample: {
    columns: ['月份', '产量（万吨）'],
    rows: [
      ['2026-07', '812'],
      ['2026-08', '815'],
      ['2026-09', '818'],
    ],
  },
}

/** The hub's portal over members who publish; the index has followed when a step returns. */
export async function startPortal(test: Test) {
  const scene = await startScene(test)
  const { world, make, publish, takeOffer } = scene

  async function put(party: Party, slug: string, meta: Meta = {}, more: Partial<CatalogEntry> = {}): Promise<Made> {
    const entry = make.signEntry(make.entryPayload(party, slug, more, meta), party.signer())
    const answer = await publish(party, entry)
    if (answer.body.state !== 'published') throw new Error(JSON.stringify(answer.body))
    await world.part().tick()
    return entry
  }

  async function bury(party: Party, slug: string, sequence: number, reason: string): Promise<void> {
    const { text } = make.compact('tombstone', party, {
      dataset: `${party.id}/${slug}`,
      member: party.id,
      sequence,
      reason,
    })
    const answer = await party.post('/v1/catalog-entries', { tombstone: text })
    if (answer.body.state !== 'withdrawn') throw new Error(JSON.stringify(answer.body))
    await world.part().tick()
  }

  /** One delivered pull of an unconditional dataset's first version. */
  async function pull(owner: Party, consumer: Party, entry: Made, bytes: number): Promise<void> {
    const { made } = await takeOffer(consumer, entry)
    const { dataset, manifest } = parseDocument('catalog-entry', entry.text).payload
    const of = { agreement: made.id, dataset, version: 1, manifest }
    const order = make.compact('pull-order', consumer, {
      ...of,
      grant: 'A'.repeat(22),
      consumer: consumer.id,
      owner: owner.id,
      purpose: '行业运行监测',
    })
    const stamp = toRfc3339(world.now())
    const delivery = make.compact('delivery', owner, {
      ...of,
      order: order.id,
      bytes,
      outcome: 'delivered',
      opened: stamp,
      closed: stamp,
    })
    const acknowledgement = make.compact('acknowledgement', consumer, {
      agreement: made.id,
      manifest,
      order: order.id,
      delivery: delivery.id,
      bytes,
      outcome: 'verified',
    })
    const documents = [
      { kind: 'pull-order', document: order.text },
      { kind: 'delivery', document: delivery.text },
      { kind: 'acknowledgement', document: acknowledgement.text },
    ]
    const answer = await owner.post('/v1/receipts', { documents })
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body))
    await world.part().tick()
  }

  return { ...scene, see: world.see, put, bury, pull }
}

/** The next version of a dataset, or (same version) its next description. */
export function next(slug: string, sequence: number, version: number): Partial<CatalogEntry> {
  return { sequence, version, manifest: sha256(`${slug}${version}`) }
}

/** Addresses of a page that a pattern fits, entities read. */
export function linksOf(body: string, pattern = /./): string[] {
  return [...body.matchAll(/ (?:href|action)="([^"]*)"/g)]
    .map(([, address]) => (address as string).replaceAll('&amp;', '&'))
    .filter((address) => pattern.test(address))
}
