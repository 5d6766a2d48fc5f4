import type { Label } from './label.ts'

/** Sharing types of 政务信息资源目录编制指南; the type decides an agreement's path. */
export const SHARING = {
  unconditional: { zh: '无条件共享', en: 'Unconditional' },
  conditional: { zh: '有条件共享', en: 'Conditional' },
  none: { zh: '不予共享', en: 'Not shared' },
} as const satisfies Record<string, Label>

/** Code of a sharing type. */
export type Sharing = keyof typeof SHARING
