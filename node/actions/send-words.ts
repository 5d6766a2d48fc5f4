import { parseDocument, type Signer, signDocument } from '#schemas/document.ts'
import type { Payload } from '#schemas/kinds.ts'
import { isRefusal } from '#schemas/refusal.ts'
import type { Story } from '../store/stories.ts'
import type { Delivery } from './deliver-documents.ts'
import type { SignedAgreement } from './write-agreement.ts'

interface Deps {
  readonly signer: () => Signer
  readonly delivery: Pick<Delivery, 'post' | 'withdraw'>
  /** The story as the hub has it now. */
  readonly readOne: (request: string) => Promise<Story | undefined>
}

/** Where the words of a request go, by kind. */
const PATHS = { offer: 'offer', consent: 'consent', refusal: 'refusal' } as const

/** Carries the words of a person to the hub. What was surely not sent is taken back, so that "not reachable" means that nothing happened. */
export function createSendWords({ signer, delivery, readOne }: Deps) {
  async function post(parcel: Parameters<Delivery['post']>[0]): Promise<unknown> {
    try {
      return await delivery.post(parcel, () => {})
    } catch (error) {
      if (isRefusal(error, 'HUB_UNREACHABLE') && error.facts['sent'] === false)
        await delivery.withdraw(parcel.document, parcel.lane)
      throw error
    }
  }

  const lane = (request: string) => `request:${request}`

  return {
    /** Protocol 5.1. Returns the request's id and the hub's answer. */
    async request(payload: Payload<'request'>): Promise<{ request: string; answer: unknown }> {
      const text = signDocument('request', payload, signer())
      const { id } = parseDocument('request', text)
      return {
        request: id,
        answer: await post({
          lane: lane(id),
          path: '/v1/requests',
          field: 'request',
          kind: 'request',
          document: id,
          text,
        }),
      }
    },
    /** Protocol 5.3. */
    async say<K extends keyof typeof PATHS>(kind: K, request: string, payload: Payload<K>): Promise<Story | undefined> {
      const text = signDocument(kind, payload, signer())
      const { id } = parseDocument(kind, text)
      await post({
        lane: lane(request),
        path: `/v1/requests/${request}/${PATHS[kind]}`,
        field: 'document',
        kind,
        document: id,
        text,
      })
      return readOne(request)
    },
    /** Protocol 5.2, 5.4, 5.5. */
    async agree(request: string, { id, text }: SignedAgreement): Promise<Story | undefined> {
      await post({
        lane: lane(request),
        path: '/v1/agreements',
        field: 'agreement',
        kind: 'agreement',
        document: id,
        text,
      })
      return readOne(request)
    },
  }
}

export type SendWords = ReturnType<typeof createSendWords>
