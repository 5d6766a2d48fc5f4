import type { Label } from './label.ts'

/** Confidentiality of a dataset. `state-secret` exists in order to be refused by name; it is stored nowhere. */
export const CLASSIFICATIONS = {
  public: { zh: '公开', en: 'Public' },
  internal: { zh: '内部', en: 'Internal' },
  confidential: { zh: '商业秘密', en: 'Confidential' },
  'state-secret': { zh: '国家秘密', en: 'State secret' },
} as const satisfies Record<string, Label>

/** Code of a classification. */
export type Classification = keyof typeof CLASSIFICATIONS
