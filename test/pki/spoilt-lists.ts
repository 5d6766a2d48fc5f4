/** The ways to spoil the CRLs of a good chain, each with the code and rule that must come of it. */
import { EXTENSION } from '#pki/extensions.ts'
import { CRL_EXTENSION } from '#pki/parse-crl.ts'
import { authorityOf, later, replace } from './random-chains.ts'
import { type CertificatePlan, type CrlPlan, der, extension, keys, type TestKey } from './rogue-authority.ts'
import { as, flip, issuer, leaf, leafCrl, type Spoiling } from './spoilings.ts'

export const LIST_SPOILINGS: readonly Spoiling[] = [
  as('CERTIFICATE_REVOKED', 'revoked', 'revoked leaf', (plan, random) => {
    leafCrl(plan).revoked.push({
      serial: leaf(plan).serial,
      date: later(-2),
      extensions: random.chance(0.5) ? [extension.reason(1)] : [],
    })
  }),
  as(
    'CERTIFICATE_REVOKED',
    'revoked',
    'revoked issuing authority',
    (plan) => {
      const crl = plan.crls[0] as CrlPlan
      crl.revoked.push({ serial: (plan.certificates[1] as CertificatePlan).serial, date: later(-2), extensions: [] })
    },
    (plan) => plan.certificates.length > 2,
  ),
  as('CERTIFICATE_REVOKED', 'revoked', 'revoked in the newer of two lists', (plan) => {
    const old = leafCrl(plan)
    const crl = { ...old, revoked: [...old.revoked, { serial: leaf(plan).serial, date: later(-2), extensions: [] }] }
    plan.crls.push({
      ...crl,
      thisUpdate: later(-0.5),
      extensions: [authorityOf(issuer(plan).key), extension.crlNumber(5000)],
    })
  }),
  as('CRL_INVALID', 'crl-missing', 'no list', (plan) => {
    plan.crls = plan.crls.slice(0, -1)
  }),
  as('CRL_INVALID', 'crl-stale', 'list that has ended', (plan) => {
    leafCrl(plan).nextUpdate = later(-0.01)
  }),
  as('CRL_INVALID', 'crl-stale', 'list without an end', (plan) => {
    leafCrl(plan).nextUpdate = undefined
  }),
  as('CRL_INVALID', 'crl-future', 'list of tomorrow', (plan) => {
    leafCrl(plan).thisUpdate = later(1)
  }),
  as('CRL_INVALID', 'crl-signature', 'list that was changed', (plan) => {
    leafCrl(plan).spoil = flip
  }),
  as('CRL_INVALID', 'crl-signature', 'list of a rogue of the same name', (plan) => {
    leafCrl(plan).signer = keys.p256.find((each) =>
      plan.certificates.every((certificate) => certificate.key !== each),
    ) as TestKey
  }),
  as('CRL_INVALID', 'crl-issuer', 'list with another identifier', (plan) => {
    replace(leafCrl(plan), EXTENSION.authorityKeyIdentifier, [authorityOf(leaf(plan).key)])
  }),
  as('CRL_INVALID', 'crl-missing', 'list of another issuer', (plan) => {
    leafCrl(plan).issuer = leaf(plan).subject
  }),
  as('CRL_INVALID', 'crl-number', 'list without a number', (plan) =>
    replace(leafCrl(plan), CRL_EXTENSION.crlNumber, []),
  ),
  as('CRL_INVALID', 'crl-delta', 'delta list', (plan) => {
    leafCrl(plan).extensions.push({ oid: CRL_EXTENSION.deltaCrlIndicator, critical: true, value: der.integer(1) })
  }),
  as('CRL_INVALID', 'crl-scope', 'indirect list', (plan) => {
    const indirect = der.sequence(der.implicit(4, Buffer.from([0xff])))
    leafCrl(plan).extensions.push({ oid: CRL_EXTENSION.issuingDistributionPoint, critical: true, value: indirect })
  }),
  as('CRL_INVALID', 'crl-critical-extension', 'list with an unknown critical extension', (plan) => {
    leafCrl(plan).extensions.push(extension.unknown(true))
  }),
  as('CRL_INVALID', 'crl-critical-extension', 'entry with an unknown critical extension', (plan) => {
    leafCrl(plan).revoked.push({ serial: der.integer(77), date: later(-1), extensions: [extension.unknown(true)] })
  }),
  as('CRL_INVALID', 'duplicate-extension', 'list with an extension twice', (plan) => {
    leafCrl(plan).extensions.push(extension.crlNumber(8))
  }),
  as('CRL_INVALID', 'crl-duplicate-entry', 'a serial number twice in a list', (plan) => {
    for (const code of [1, 4])
      leafCrl(plan).revoked.push({ serial: der.integer(77), date: later(-1), extensions: [extension.reason(code)] })
  }),
  as('CRL_INVALID', 'crl-sign-usage', 'list of an issuer that may not sign lists', (plan) => {
    replace(issuer(plan), EXTENSION.keyUsage, [extension.keyUsage(['keyCertSign'])])
  }),
]
