import { CONTENT_CLASSES } from '#schemas/codes/content-classes.ts'
import { findIndustryLabel } from '#schemas/codes/industries.ts'
import type { Label } from '#schemas/codes/label.ts'
import { PERIODICITIES } from '#schemas/codes/periodicities.ts'
import { findRegionLabel } from '#schemas/codes/regions.ts'
import { SHARING } from '#schemas/codes/sharing.ts'
import { THEMES } from '#schemas/codes/themes.ts'
import { type Lang, pick } from '../pages/language.ts'

/** Facets of the catalogue as people call them, in the order in which they are shown. */
export const FACET_NAMES = {
  class: { zh: '内容类别', en: 'Content' },
  theme: { zh: '主题', en: 'Theme' },
  industry: { zh: '行业', en: 'Industry' },
  member: { zh: '提供方', en: 'Provider' },
  region: { zh: '地区', en: 'Region' },
  sharing: { zh: '共享类型', en: 'Sharing' },
  periodicity: { zh: '更新周期', en: 'Updated' },
  price: { zh: '有偿／无偿', en: 'Price' },
} as const satisfies Record<string, Label>

export type FacetName = keyof typeof FACET_NAMES

const PRICES = { free: { zh: '无偿', en: 'Free of charge' }, priced: { zh: '有偿', en: 'Priced' } } as const
const WITHOUT = { zh: '未填写行业', en: 'No industry given' } as const

const TABLES: Partial<Record<FacetName, Readonly<Record<string, Label>>>> = {
  class: CONTENT_CLASSES,
  theme: THEMES,
  periodicity: PERIODICITIES,
  sharing: SHARING,
  price: PRICES,
}

/** What a value of a facet is called; a code that nobody knows is shown as it is. `label`: of a member, its name. */
export function nameFacetValue(lang: Lang, facet: FacetName, value: string, label?: string): string {
  const found = labelOf(facet, value)
  return found === undefined ? (label ?? value) : pick(lang, found)
}

function labelOf(facet: FacetName, value: string): Label | undefined {
  if (facet === 'region') return findRegionLabel(value)
  if (facet === 'industry') return value === 'none' ? WITHOUT : findIndustryLabel(value)
  const table = TABLES[facet]
  return table !== undefined && Object.hasOwn(table, value) ? table[value] : undefined
}
