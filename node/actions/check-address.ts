import { type LookupAddress, type LookupOptions, lookup as resolve } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import { Refusal } from '#schemas/refusal.ts'

/** The hub's policy on where nodes may be: networks in CIDR form, and whether loopback counts (contract, Network facts). */
export interface AddressPolicy {
  readonly networks: readonly string[]
  readonly loopback: boolean
}

/** Throws ENDPOINT_REFUSED unless the address (not a name) lies in an allowed network; mapped IPv4 counts as what it is. */
export function requireAllowedAddress(address: string, { networks, loopback }: AddressPolicy): void {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  const family = familyOf(plain)
  if (family === undefined) throw new Refusal('ENDPOINT_REFUSED', { address })
  const isLoopback = listOf(['127.0.0.0/8', '::1/128']).check(plain, family)
  const allowed = isLoopback ? loopback : listOf(networks).check(plain, family)
  if (!allowed) throw new Refusal('ENDPOINT_REFUSED', { address })
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [base, bits] = network.split('/')
    const family = familyOf(base ?? '')
    if (family === undefined)
      throw new Refusal('ENDPOINT_REFUSED', { network, rule: 'the policy names networks as ADDRESS/BITS' })
    if (bits === undefined) list.addAddress(base as string, family)
    else list.addSubnet(base as string, Number(bits), family)
  }
  return list
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  return ({ 0: undefined, 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address) as 0 | 4 | 6]
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void

/**
 * Name resolution that hands on allowed addresses only, at the moment of connecting: a name that was harmless when it was
 * registered may point inwards by now (DNS rebinding). Literal addresses never come here: check them before.
 */
export function lookupAllowed(policy: () => AddressPolicy) {
  return (host: string, options: LookupOptions, found: Found): void => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return found(error, '')
      try {
        for (const { address } of addresses) requireAllowedAddress(address, policy())
      } catch (refusal) {
        return found(refusal as Error, '')
      }
      const [first] = addresses
      if (options.all === true || first === undefined) return found(null, addresses)
      found(null, first.address, first.family)
    })
  }
}
