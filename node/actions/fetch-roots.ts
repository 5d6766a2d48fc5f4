import { Agent, request } from 'undici'
import { unverifiedClientTlsOptions } from '#pki/tls.ts'
import { parseJson } from '#schemas/json.ts'
import { isRefusal, Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { validate } from '#schemas/validate.ts'

const ROOT = { type: 'string', maxLength: 400_000 } as const
const ROOTS = closed({ roots: { type: 'array', items: ROOT, minItems: 1, maxItems: 1000 } }, ['roots'])
const ROOTS_BYTES = 16 * 1_048_576
const ANSWER_MILLISECONDS = 20_000

/** Protocol 2.2: the line of roots, over any connection, since it verifies by itself or not at all. HUB_UNREACHABLE, PEER_MISBEHAVED. */
export async function fetchRoots(enrolment: string): Promise<string[]> {
  const agent = new Agent({
    connect: unverifiedClientTlsOptions(),
    headersTimeout: ANSWER_MILLISECONDS,
    bodyTimeout: ANSWER_MILLISECONDS,
    maxResponseSize: ROOTS_BYTES,
  })
  try {
    const { body, statusCode } = await request(new URL('/v1/root', enrolment), { dispatcher: agent })
    const bytes = new Uint8Array(await body.arrayBuffer())
    if (statusCode !== 200) throw new Refusal('PEER_MISBEHAVED', { status: statusCode })
    return validate(ROOTS, parseJson(bytes), 'PEER_MISBEHAVED').roots
  } catch (error) {
    if (isRefusal(error)) throw error
    const reason = String((error as NodeJS.ErrnoException).code ?? error).slice(0, 80)
    throw new Refusal('HUB_UNREACHABLE', { url: enrolment, reason })
  } finally {
    await agent.destroy()
  }
}
