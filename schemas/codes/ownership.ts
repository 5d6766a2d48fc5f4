import type { Label } from './label.ts'

/** Whose the information is (发改经体〔2015〕2053号 (十一)). */
export const OWNERSHIP = {
  SOURCE: { zh: '来源协会所有', en: 'Owned by its source' },
  JOINT: { zh: '研发单位共同所有', en: 'Owned jointly by its developers' },
  PLATFORM: { zh: '平台管理机构所有', en: "Owned by the platform's managing body" },
} as const satisfies Record<string, Label>

/** Code of an ownership class. */
export type Ownership = keyof typeof OWNERSHIP
