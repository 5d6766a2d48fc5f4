import type { Label } from './label.ts'

/** Phases of the platform (发改经体〔2015〕2053号 (十四), (二十)); a price exists only in the second. */
export const PHASES = {
  construction: { zh: '建设阶段', en: 'Construction' },
  rollout: { zh: '全面推广阶段', en: 'Roll-out' },
} as const satisfies Record<string, Label>

/** Code of a phase. */
export type Phase = keyof typeof PHASES
