import { Refusal } from '#schemas/refusal.ts'
import { closed } from '#schemas/shapes.ts'
import { type ActionContext, type Actions, action } from '#web/serving/actions.ts'
import {
  type Bilingual,
  type Editing,
  FOOTER_FIELDS,
  type Footer,
  type Notice,
  type TextPage,
} from '../store/contents.ts'
import { requireOperator } from './operators.ts'
import type { Office } from './sign-statement.ts'

const NOTHING = closed({}, [])
const TITLE = closed(
  { zh: { type: 'string', minLength: 1, maxLength: 200, pattern: '\\S' }, en: { type: 'string', maxLength: 200 } },
  ['zh'],
)
const BODY = closed(
  {
    zh: { type: 'string', minLength: 1, maxLength: 100_000, pattern: '\\S' },
    en: { type: 'string', maxLength: 100_000 },
  },
  ['zh'],
)
const NOTICE_ID = { type: 'string', pattern: '^[0-9a-f]{12}$' } as const
/** Only under the columns that the portal has. */
const SLUG = { type: 'string', pattern: '^(about|(guides|standards)/[a-z0-9][a-z0-9-]{0,63})$' } as const
/** The edit that a text was written upon, so that no other is replaced unseen. */
const AFTER = { type: 'integer', minimum: 0 } as const
const ORDER = { type: 'integer', minimum: 0, maximum: 10_000 } as const
const LINE = closed(
  { zh: { type: 'string', minLength: 1, maxLength: 200, pattern: '\\S' }, en: { type: 'string', maxLength: 200 } },
  ['zh'],
)
const FOOTER = closed(
  Object.fromEntries(FOOTER_FIELDS.map((field) => [field, LINE])) as Record<
    (typeof FOOTER_FIELDS)[number],
    typeof LINE
  >,
  [],
)

/** Notices, texts and footer: an administrator writes them, the portal shows them at once. */
export function contentActions(r: Office): Actions {
  return {
    'contents-show': action(NOTHING, async () => ({
      notices: await r.contents.allNotices(),
      pages: await r.contents.pages(),
      footer: await r.contents.footer(),
    })),
    'contents-history': action(
      closed({ kind: { type: 'string', enum: ['notice', 'page', 'footer'] }, id: { type: 'string', maxLength: 80 } }, [
        'kind',
        'id',
      ]),
      ({ kind, id }) => historyOf(r, kind, id),
    ),
    'notice-save': action(
      closed({ id: NOTICE_ID, title: TITLE, body: BODY, after: AFTER }, ['title', 'body']),
      ({ after, ...notice }, context) => saveNotice(r, notice, { ...editor(r, context), after }),
    ),
    'notice-withdraw': action(closed({ id: NOTICE_ID }, ['id']), ({ id }, context) =>
      withdrawNotice(r, id, editor(r, context)),
    ),
    'page-save': action(
      closed({ slug: SLUG, title: TITLE, body: BODY, order: ORDER, after: AFTER }, ['slug', 'title', 'body', 'order']),
      async ({ slug, order, after, ...text }, context): Promise<{ slug: string }> => {
        const page: TextPage = { slug, order, title: bilingual(text.title), body: bilingual(text.body) }
        await r.contents.savePage(page, { ...editor(r, context), after })
        return { slug }
      },
    ),
    'page-reset': action(closed({ slug: SLUG }, ['slug']), async ({ slug }, context): Promise<{ slug: string }> => {
      if ((await r.contents.findPage(slug)) === null) throw new Refusal('NOT_FOUND', { slug })
      await r.contents.resetPage(slug, editor(r, context))
      return { slug }
    }),
    'footer-save': action(
      closed({ footer: FOOTER, after: AFTER }, ['footer']),
      async ({ footer, after }, context): Promise<object> => {
        const lines = Object.entries(footer as Record<string, Bilingual>).map(([field, line]) => [
          field,
          bilingual(line),
        ])
        await r.contents.saveFooter(Object.fromEntries(lines) as Footer, { ...editor(r, context), after })
        return r.contents.footer()
      },
    ),
  }
}

async function saveNotice(
  r: Office,
  { id, title, body }: { id?: string; title: Bilingual; body: Bilingual },
  by: Editing,
): Promise<{ id: string }> {
  const before = id === undefined ? null : await r.contents.findNotice(id)
  if (id !== undefined && before === null) throw new Refusal('NOT_FOUND', { notice: id })
  const notice: Notice = {
    id: before?.id ?? r.contents.newNoticeId(),
    title: bilingual(title),
    body: bilingual(body),
    published: before?.published ?? r.clock.now(),
    // Saved is shown: a withdrawn notice that is written again comes back under its old date.
    withdrawn: false,
  }
  await r.contents.saveNotice(notice, by)
  return { id: notice.id }
}

async function withdrawNotice(r: Office, id: string, by: Editing): Promise<{ id: string }> {
  const notice = await r.contents.findNotice(id)
  if (notice === null) throw new Refusal('NOT_FOUND', { notice: id })
  await r.contents.saveNotice({ ...notice, withdrawn: true }, by)
  return { id }
}

function historyOf(r: Office, kind: 'notice' | 'page' | 'footer', id: string): Promise<readonly unknown[]> {
  if (kind === 'notice') return r.contents.noticeHistory(id)
  return kind === 'page' ? r.contents.pageHistory(id) : r.contents.footerHistory()
}

/** An empty English text is none. */
function bilingual({ zh, en }: { zh: string; en?: string | undefined }): Bilingual {
  return en === undefined || en.trim() === '' ? { zh: zh.trim() } : { zh: zh.trim(), en: en.trim() }
}

/** Contract, Roles: settings are the administrator's. OPERATOR_REQUIRED, OPERATOR_UNKNOWN, ROLE_REQUIRED. */
function editor(r: Office, { as }: ActionContext): Editing {
  if (as === undefined) throw new Refusal('OPERATOR_REQUIRED')
  return { operator: requireOperator(r, as, 'administrator').name }
}
