import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { hostKind } from '#pki/names.ts'
import { refusingPki } from '#schemas/certificates.ts'
import { Refusal } from '#schemas/refusal.ts'

/** Where node endpoints may be: CIDR networks, and whether loopback counts (contract, Network facts). */
export interface EndpointPolicy {
  readonly networks: readonly string[]
  readonly loopback: boolean
}

/**
 * Where nothing is configured: all unicast addresses but "this network", loopback and link-local. The last hold the
 * metadata services of clouds, which no member's endpoint may point others at (SSRF).
 */
export const DEFAULT_NETWORKS: readonly string[] = [
  ...['1.0.0.0/8', '2.0.0.0/7', '4.0.0.0/6', '8.0.0.0/5', '16.0.0.0/4', '32.0.0.0/3', '64.0.0.0/3', '96.0.0.0/4'],
  ...['112.0.0.0/5', '120.0.0.0/6', '124.0.0.0/7', '126.0.0.0/8', '128.0.0.0/3', '160.0.0.0/5', '168.0.0.0/8'],
  ...['169.0.0.0/9', '169.128.0.0/10', '169.192.0.0/11', '169.224.0.0/12', '169.240.0.0/13', '169.248.0.0/14'],
  ...['169.252.0.0/15', '169.255.0.0/16', '170.0.0.0/7', '172.0.0.0/6', '176.0.0.0/4', '192.0.0.0/3'],
  ...['2000::/3', 'fc00::/7'],
]

const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128']
const FAMILIES = { 0: undefined, 4: 'ipv4', 6: 'ipv6' } as const

/** Are these networks in CIDR form, few enough for a directory? */
export function isNetworkList(networks: readonly string[]): boolean {
  return (
    networks.length <= 64 &&
    networks.every((network) => {
      const [base, bits, ...rest] = network.split('/')
      const most = { ipv4: 32, ipv6: 128 }[familyOf(base ?? '') ?? 'ipv4']
      return (
        familyOf(base ?? '') !== undefined && rest.length === 0 && /^\d{1,3}$/.test(bits ?? '') && Number(bits) <= most
      )
    })
  )
}

/** Does a server that listens on this host listen on loopback only? */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || isInside(host, LOOPBACK)
}

/**
 * The host of a node's endpoint, `https://host:port`, as it may stand in a certificate. ENDPOINT_REFUSED unless every
 * address it leads to lies in an allowed network now; consumers check again when they connect.
 */
export async function requireEndpoint(endpoint: string, policy: EndpointPolicy): Promise<string> {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined
  const host = url?.hostname.replace(/^\[|\]$/g, '')
  if (url?.protocol !== 'https:' || host === undefined || url.origin !== endpoint)
    throw refused(endpoint, 'https://HOST:PORT and nothing more')
  refusingPki(() => hostKind(host))
  const addresses = isIP(host) !== 0 ? [host] : await addressesOf(endpoint, host)
  for (const address of addresses) {
    const inside = isInside(address, LOOPBACK) ? policy.loopback : isInside(address, policy.networks)
    if (!inside) throw refused(endpoint, `${address} is outside the allowed networks`)
  }
  return host
}

async function addressesOf(endpoint: string, host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch {
    throw refused(endpoint, `${host} has no address`)
  }
}

function isInside(address: string, networks: readonly string[]): boolean {
  // A mapped IPv4 address is that IPv4 address, or it would slip past the list.
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  const family = familyOf(plain)
  if (family === undefined) return false
  const list = new BlockList()
  for (const network of networks) {
    const [base, bits] = network.split('/') as [string, string]
    list.addSubnet(base, Number(bits), familyOf(base) ?? 'ipv4')
  }
  return list.check(plain, family)
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  return FAMILIES[isIP(address) as 0 | 4 | 6]
}

function refused(endpoint: string, rule: string): Refusal {
  return new Refusal('ENDPOINT_REFUSED', { endpoint, rule })
}
