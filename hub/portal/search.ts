import { html } from '#web/pages/html.ts'
import type { PageGroup } from './portal-deps.ts'

/** 数据目录. */
export const searchPages: PageGroup = (pages, { index }) => {
  pages.get('/datasets', ({ t }) => ({
    title: t('数据目录', 'Catalogue'),
    body: html`<p>${index.count()}</p>`,
  }))
}
