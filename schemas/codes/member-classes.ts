import type { MemberClass } from '../shapes.ts'
import type { Label } from './label.ts'

/** Who takes part (发改经体〔2015〕2053号 (十三)). */
export const MEMBER_CLASS_LABELS = {
  association: { zh: '行业协会商会', en: 'Industry association' },
  department: { zh: '党政机关', en: 'Government department' },
  affiliate: { zh: '关联单位和社会组织', en: 'Affiliated organisation' },
} as const satisfies Record<MemberClass, Label>
