import type { Label } from './label.ts'

/** The four kinds of information to be collected (发改经体〔2015〕2053号 (九)). */
export const CONTENT_CLASSES = {
  1: { zh: '法人登记、依法公开和信用信息', en: 'Registration, statutory disclosure and credit' },
  2: { zh: '行业发展基本情况', en: 'State of the industry' },
  3: { zh: '热点问题、特征问题调查数据', en: 'Surveys' },
  4: { zh: '新业态及跨界融合信息', en: 'New and cross-industry forms of business' },
} as const satisfies Record<string, Label>

/** Number of a content class. */
export type ContentClass = keyof typeof CONTENT_CLASSES
