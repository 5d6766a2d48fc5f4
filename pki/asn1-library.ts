/** The one door to node-forge, used to write DER where @peculiar/x509 is too slow (CRLs) or cannot (PKCS#12). Opens on first use. */
import type forge from 'node-forge'

export type Forge = typeof forge
export type Asn1 = forge.asn1.Asn1

/** The library, loaded once by the runtime's module cache. */
export async function openForge(): Promise<Forge> {
  return (await import('node-forge')).default
}

/** Short constructors for DER values; strings of the library hold one byte per character. */
export function asn1Writer({ asn1 }: Forge) {
  const universal = (type: forge.asn1.Type, constructed: boolean, value: string | Asn1[]) =>
    asn1.create(asn1.Class.UNIVERSAL, type, constructed, value)
  return {
    sequence: (...parts: Asn1[]) => universal(asn1.Type.SEQUENCE, true, parts),
    set: (...parts: Asn1[]) => universal(asn1.Type.SET, true, parts),
    oid: (dotted: string) => universal(asn1.Type.OID, false, asn1.oidToDer(dotted).getBytes()),
    octets: (bytes: Uint8Array) => universal(asn1.Type.OCTETSTRING, false, binary(bytes)),
    bits: (bytes: Uint8Array) => universal(asn1.Type.BITSTRING, false, `\0${binary(bytes)}`),
    boolean: (value: boolean) => universal(asn1.Type.BOOLEAN, false, value ? '\xff' : '\0'),
    enumerated: (value: number) => universal(asn1.Type.ENUMERATED, false, String.fromCharCode(value)),
    null: () => universal(asn1.Type.NULL, false, ''),
    utf8: (text: string) => universal(asn1.Type.UTF8, false, binary(Buffer.from(text, 'utf8'))),
    /** A non-negative INTEGER. */
    integer: (value: bigint | number) => universal(asn1.Type.INTEGER, false, integerBytes(BigInt(value))),
    bmpString: (text: string) => universal(asn1.Type.BMPSTRING, false, binary(Buffer.from(text, 'utf16le').swap16())),
    time: (date: Date) =>
      date.getUTCFullYear() < 2050
        ? universal(asn1.Type.UTCTIME, false, asn1.dateToUtcTime(date))
        : universal(asn1.Type.GENERALIZEDTIME, false, asn1.dateToGeneralizedTime(date)),
    explicit: (number: number, ...parts: Asn1[]) =>
      asn1.create(asn1.Class.CONTEXT_SPECIFIC, number as forge.asn1.Type, true, parts),
    implicit: (number: number, bytes: Uint8Array) =>
      asn1.create(asn1.Class.CONTEXT_SPECIFIC, number as forge.asn1.Type, false, binary(bytes)),
    /** A value that is already DER. */
    raw: (der: Uint8Array) => asn1.fromDer(binary(der)),
    /** SEQUENCE of values that are DER already; a large signed body is not read again. */
    wrap: (...encoded: Uint8Array[]) => {
      const content = Buffer.concat(encoded)
      const length = content.length < 0x80 ? [content.length] : longLength(content.length)
      return Buffer.concat([Buffer.from([0x30, ...length]), content])
    },
    encode: (value: Asn1) => Buffer.from(asn1.toDer(value).getBytes(), 'latin1'),
  }
}

const binary = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

function longLength(length: number): number[] {
  const hex = length.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return [0x80 | bytes.length, ...bytes]
}

function integerBytes(value: bigint): string {
  const hex = value.toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  const bytes = Buffer.from(even, 'hex').toString('latin1')
  // A set top bit would make it negative.
  return bytes.charCodeAt(0) >= 0x80 ? `\0${bytes}` : bytes
}
