import type { Agreement, Terms } from './kinds.ts'

/** Namespace of a member in ODRL and DCAT output. */
export function memberUrn(member: string): string {
  return `urn:uscc:${member}`
}

/** Namespace of a dataset in ODRL and DCAT output. */
export function datasetUrn(dataset: string): string {
  return `urn:hanghui:dataset:${dataset}`
}

/**
 * The ODRL 2.2 policy that follows from an agreement's terms: permission to use, constraints of purpose, time and
 * count, duties of attribution and confidentiality. Always the same bytes for the same terms, so both can be compared.
 */
export function policyOf(parties: Pick<Agreement, 'consumer' | 'owners' | 'dataset'>, terms: Terms): object {
  const constraint: object[] = [
    { leftOperand: 'purpose', operator: 'eq', rightOperand: terms.purpose },
    { leftOperand: 'dateTime', operator: 'lteq', rightOperand: { '@value': terms.until, '@type': 'xsd:dateTime' } },
  ]
  if (terms.pulls !== null) constraint.push({ leftOperand: 'count', operator: 'lteq', rightOperand: terms.pulls })
  return {
    '@context': 'http://www.w3.org/ns/odrl.jsonld',
    '@type': 'Agreement',
    profile: 'urn:hanghui:odrl:1',
    assigner: parties.owners.map(memberUrn),
    assignee: memberUrn(parties.consumer),
    permission: [
      {
        target:
          terms.files === 'all'
            ? datasetUrn(parties.dataset)
            : terms.files.map((file) => `${datasetUrn(parties.dataset)}#${encodeURIComponent(file)}`),
        action: 'use',
        constraint,
        duty: [{ action: 'attribute' }, { action: 'urn:hanghui:odrl:keep-confidential' }],
      },
    ],
  }
}
