import type { FastifyRequest } from 'fastify'
import { Refusal } from '#schemas/refusal.ts'

/**
 * Threats I1: what changes something comes from a page of this very console. Browsers say where a form stood by `Origin`;
 * one that says nothing must say `Sec-Fetch-Site: same-origin`, and a program that says neither has the form's token to show.
 */
export function requireSameOrigin({ headers }: FastifyRequest): void {
  const { origin, host } = headers
  const site = headers['sec-fetch-site']
  if (origin !== undefined && !(hostOf(origin) === host)) throw new Refusal('ORIGIN_REFUSED')
  if (site !== undefined && site !== 'same-origin') throw new Refusal('ORIGIN_REFUSED')
}

/** Host and port of an origin; undefined for `null` and what is no address. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
