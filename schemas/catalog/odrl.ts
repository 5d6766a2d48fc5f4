import type { Meta } from './meta.ts'

const MEMBER_CLASSES = 'urn:hanghui:member-class:'

/**
 * ODRL 2.2 offer (§2.1.2) that a dataset stands under, as terms of the vocabulary written inline. Undefined for 不予共享, which
 * offers nothing. A duty to have the owner's and the hub's consent is what makes 有条件共享 conditional.
 */
export function toOdrlOffer(dataset: string, meta: Meta): Record<string, unknown> | undefined {
  if (meta.sharing === 'none') return undefined
  const duties = [
    ...(meta.sharing === 'conditional' ? [{ 'odrl:action': { '@id': 'odrl:obtainConsent' } }] : []),
    ...(meta.price === undefined ? [] : [compensation(meta.price)]),
  ]
  return {
    '@type': 'odrl:Offer',
    '@id': `urn:hanghui:offer:${dataset}`,
    'odrl:assigner': { '@id': `urn:hanghui:member:${dataset.slice(0, 18)}` },
    'odrl:permission': {
      'odrl:target': { '@id': datasetUrn(dataset) },
      'odrl:action': { '@id': 'odrl:use' },
      'odrl:constraint': {
        'odrl:leftOperand': { '@id': 'odrl:recipient' },
        'odrl:operator': { '@id': 'odrl:isAnyOf' },
        'odrl:rightOperand': meta.audience.map((one) => ({ '@id': `${MEMBER_CLASSES}${one}` })),
      },
      ...(duties.length > 0 && { 'odrl:duty': duties }),
    },
  }
}

/** Name of a dataset in linked data; resolves nowhere, stays the same across versions and hubs. */
export function datasetUrn(dataset: string): string {
  return `urn:hanghui:dataset:${dataset}`
}

function compensation(price: NonNullable<Meta['price']>): Record<string, unknown> {
  return {
    'odrl:action': { '@id': 'odrl:compensate' },
    'odrl:constraint': {
      'odrl:leftOperand': { '@id': 'odrl:payAmount' },
      'odrl:operator': { '@id': 'odrl:eq' },
      'odrl:rightOperand': { '@value': price.amount, '@type': 'xsd:decimal' },
      'odrl:unit': price.currency,
      'rdfs:label': price.unit,
    },
  }
}
