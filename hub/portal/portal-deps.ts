import type { Lang } from '#web/pages/language.ts'
import type { PageRoutes } from '#web/pages/serve-pages.ts'
import type { Exchange } from '../exchange.ts'
import type { SearchIndex } from '../index/search-index.ts'

/** A notice (通知公告) as the portal lists it; `published` is Unix seconds. */
export interface NoticeHead {
  readonly id: string
  readonly title: { readonly zh: string; readonly en?: string | undefined }
  readonly published: number
}

/** What stands at the foot of every page; a missing line is left out. */
export interface FooterLines {
  readonly lines: readonly { readonly label: string; readonly text: string; readonly href?: string }[]
}

/** Texts that operators edit. */
export interface PortalContents {
  notices(limit: number): Promise<readonly NoticeHead[]>
  footer(lang: Lang): Promise<FooterLines>
}

/** What pages of the portal read out of: public by its owners' signatures, or counts without a counterparty. */
export interface PortalDeps {
  readonly x: Exchange
  readonly index: SearchIndex
  readonly contents: PortalContents
  /** Name of the hub, and its public address without a final slash. */
  hub(): { readonly name: string; readonly public: string }
}

/** A part of the portal: registers its pages. */
export type PageGroup = (pages: PageRoutes, deps: PortalDeps) => void
