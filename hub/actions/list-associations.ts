import { findIndustryLabel, INDUSTRY_SECTIONS } from '#schemas/codes/industries.ts'
import { findRegionLabel, NATIONWIDE, provinceOf } from '#schemas/codes/regions.ts'
import type { Exchange } from '../exchange.ts'
import type { SearchIndex } from '../index/search-index.ts'
import { type MemberSharing, showSharing } from './show-sharing.ts'

/** A member as the public list shows it. */
export interface ListedMember extends MemberSharing {
  /** Province in which it is registered, read off its 统一社会信用代码 (GB 32100: digits 3 to 8). */
  readonly region: string
  /** 门类 (GB/T 4754) of the datasets that it has published. */
  readonly industries: readonly string[]
}

/** What the public list can be narrowed down by; an empty value asks for nothing. */
export interface MemberFilter {
  readonly words: string
  readonly class: string
  readonly region: string
  readonly industry: string
}

/** Values to choose with how many members each would leave, whatever its own filter says. */
export type MemberFacets = Readonly<
  Record<'class' | 'region' | 'industry', readonly { value: string; count: number }[]>
>

/** Every member with what is known of it in public. */
export function listAssociations(x: Exchange, index: Pick<SearchIndex, 'sectionsByMember'>): ListedMember[] {
  const sections = index.sectionsByMember()
  return showSharing(x).map((member) => ({
    ...member,
    region: registeredRegion(member.id),
    industries: [...(sections.get(member.id) ?? [])].filter((code) => Object.hasOwn(INDUSTRY_SECTIONS, code)).sort(),
  }))
}

/** Members that pass all filters, and what each facet offers. */
export function filterMembers(
  all: readonly ListedMember[],
  filter: MemberFilter,
): { members: ListedMember[]; facets: MemberFacets } {
  const named = all.filter((one) => matches(one, filter.words))
  const tests = {
    class: (one: ListedMember) => filter.class === '' || one.class === filter.class,
    region: (one: ListedMember) => filter.region === '' || one.region === filter.region,
    industry: (one: ListedMember) => filter.industry === '' || one.industries.includes(filter.industry),
  }
  const passing = (left?: keyof typeof tests) =>
    named.filter((one) => Object.entries(tests).every(([facet, test]) => facet === left || test(one)))
  return {
    members: passing(),
    facets: {
      class: counted(passing('class'), (one) => [one.class]),
      region: counted(passing('region'), (one) => [one.region]),
      industry: counted(passing('industry'), (one) => one.industries),
    },
  }
}

/** All words in name, code, region or industry. */
function matches(one: ListedMember, words: string): boolean {
  const labels = [findRegionLabel(one.region), ...one.industries.map(findIndustryLabel)]
  const text = [one.name, one.id, ...labels.flatMap((label) => [label?.zh ?? '', label?.en ?? ''])]
    .join(' ')
    .toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

function counted(members: readonly ListedMember[], valuesOf: (one: ListedMember) => readonly string[]) {
  const groups = Map.groupBy(members.flatMap(valuesOf), (value) => value)
  return [...groups]
    .map(([value, { length }]) => ({ value, count: length }))
    .toSorted((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
}

function registeredRegion(id: string): string {
  const code = id.slice(2, 8)
  return findRegionLabel(code) === undefined ? NATIONWIDE : code === NATIONWIDE ? code : provinceOf(code)
}
