import type { Label } from './label.ts'

/** What the law asks of the information (发改经体〔2015〕2053号 (十四)); only `other` may have a price. */
export const LEGAL_BASES = {
  'must-disclose': { zh: '必须公开披露', en: 'Must be disclosed' },
  'must-report': { zh: '必须报送党政机关', en: 'Must be reported to government' },
  other: { zh: '其他', en: 'Other' },
} as const satisfies Record<string, Label>

/** Code of a legal basis. */
export type LegalBasis = keyof typeof LEGAL_BASES
