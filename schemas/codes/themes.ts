import type { Label } from './label.ts'

/** Themes of content class 2 (发改经体〔2015〕2053号 (九)): the eight named there, and other. */
export const THEMES = {
  production: { zh: '生产', en: 'Production' },
  circulation: { zh: '流通', en: 'Circulation' },
  investment: { zh: '投资', en: 'Investment' },
  trade: { zh: '贸易', en: 'Trade' },
  capacity: { zh: '生产能力', en: 'Production capacity' },
  efficiency: { zh: '效益', en: 'Efficiency' },
  workforce: { zh: '人力资源', en: 'Workforce' },
  competitiveness: { zh: '竞争力', en: 'Competitiveness' },
  other: { zh: '其他', en: 'Other' },
} as const satisfies Record<string, Label>

/** Code of a theme. */
export type Theme = keyof typeof THEMES
