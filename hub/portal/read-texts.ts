import type { Contents, TextPage } from '../store/contents.ts'
import { SHIPPED } from './shipped-texts.ts'

/** Columns whose texts operators write. */
export const SECTIONS = ['guides', 'standards'] as const
export type Section = (typeof SECTIONS)[number]

/** A text as it is shown, and whether somebody at this hub wrote it. */
export type ShownText = TextPage & { readonly edited: boolean }

/** All texts, edited ones in place of those shipped, in the order in which they are shown. */
export async function listTexts(contents: Pick<Contents, 'pages'>): Promise<ShownText[]> {
  const edited = await contents.pages()
  const own = new Set(edited.map(({ slug }) => slug))
  const shipped = SHIPPED.filter(({ slug }) => !own.has(slug)).map((page) => ({ ...page, edited: false }))
  return [...shipped, ...edited.map((page) => ({ ...page, edited: true }))].sort(
    (a, b) => a.order - b.order || (a.slug < b.slug ? -1 : 1),
  )
}

/** The text at `/<slug>`; undefined where there is none. */
export async function findText(contents: Pick<Contents, 'findPage'>, slug: string): Promise<ShownText | undefined> {
  const edited = await contents.findPage(slug)
  if (edited !== null) return { ...edited, edited: true }
  const shipped = SHIPPED.find((page) => page.slug === slug)
  return shipped && { ...shipped, edited: false }
}
