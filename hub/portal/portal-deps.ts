import type { PageRoutes } from '#web/pages/serve-pages.ts'
import type { Exchange } from '../exchange.ts'
import type { SearchIndex } from '../index/search-index.ts'
import type { Contents } from '../store/contents.ts'

/** What the portal shows of the texts that operators edit: what stands, not who wrote it. */
export type PortalContents = Pick<Contents, 'notices' | 'findNotice' | 'pages' | 'findPage' | 'footer'>

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
