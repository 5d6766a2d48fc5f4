import { Refusal } from '#schemas/refusal.ts'
import { choiceField, hiddenField, textField } from '../components/fields.ts'
import { refusalBox } from '../components/refusal-box.ts'
import { notice, submitButton } from '../components/words.ts'
import type { Fields } from '../pages/forms.ts'
import { type Html, html } from '../pages/html.ts'
import type { Say } from '../pages/language.ts'
import type { Page } from '../pages/page.ts'
import type { Visit } from '../pages/visit.ts'
import type { LinkBearer } from './one-time-links.ts'
import { FORM_TOKEN } from './sessions.ts'

/** A person who may enter. `roles` in words of the page's language. */
export interface Entrant {
  readonly name: string
  readonly roles: string
}

/** Characters: a choice or a name is quicker typed again. */
const WORTH_COPYING = 20

/** What prints a one-time link of this server, as typed. */
export function linkCommand(server: 'hub' | 'node', dataDir: string): string {
  const folder = /^[\p{L}\p{N}._/:-]+$/u.test(dataDir) ? dataDir : JSON.stringify(dataDir)
  return `hanghui ${server} console --data ${folder}`
}

/** Nobody is here yet: how one enters. `command` is what prints a link. */
export function closedPage({ t }: Visit, command: string): Page {
  return { title: t('进入控制台', 'Enter the console'), status: 401, layout: 'text', body: howToEnter(t, command) }
}

/** A form came after its session had ended: nothing was done, and what was typed can be copied before one enters anew. */
export function endedPage(visit: Visit, command: string, fields: Fields): Page {
  const { t } = visit
  const typed = Object.keys(fields.values)
    .filter((name) => name !== FORM_TOKEN)
    .flatMap((name) => fields.all(name))
    .filter((text) => text.trim().length >= WORTH_COPYING)
  return {
    ...closedPage(visit, command),
    title: t('会话已结束', 'The session has ended'),
    body: html`
      ${notice('warn', {
        title: t('会话已结束，刚才提交的内容没有生效', 'The session has ended: what you sent had no effect'),
        body:
          typed.length > 0 &&
          t(
            '您填写的文字在下面，请先复制；重新进入后再粘贴提交。',
            'What you wrote stands below: copy it, enter anew, paste and send it.',
          ),
      })}
      ${typed.map((text, index) =>
        textField({
          name: `typed-${index}`,
          label: t(`填写的文字（${index + 1}）`, `What you wrote (${index + 1})`),
          lines: 8,
          value: text,
        }),
      )}
      ${howToEnter(t, command)}
    `,
  }
}

/** The link was opened before, or too late: what happened, and how one enters all the same. */
export function usedLinkPage({ t, lang, requestId }: Visit, command: string): Page {
  const problem = new Refusal('LINK_USED').problem(requestId)
  return {
    title: t('进入控制台', 'Enter the console'),
    status: problem.status,
    layout: 'text',
    body: html`${refusalBox(lang, problem)}${howToEnter(t, command)}`,
  }
}

function howToEnter(t: Say, command: string): Html {
  return html`
      <p>${t('控制台只对本机开放。请在运行本服务的电脑上输入：', 'The console is open to this machine only. On the computer that runs this service, type:')}</p>
      <pre tabindex="0"><code>${command}</code></pre>
      <p>${t('然后打开它给出的一次性链接。链接十分钟内有效，只能用一次。', 'Then open the one-time link that it prints. It is good for ten minutes, once.')}</p>
      <p class="quiet-text">${t('30 分钟没有操作，或服务重新启动后，需要重新进入。', 'After 30 minutes of rest, or a restart of the service, you enter anew.')}</p>
    `
}

/** The link is good: one click more, so that a preview of the link does not spend it. `people`: who may be chosen, where the link names nobody. */
export function enterPage(
  { t, href }: Visit,
  key: string,
  { as }: LinkBearer,
  people: readonly Entrant[] | undefined,
): Page {
  const choose = as === undefined && people !== undefined
  return {
    title: t('进入控制台', 'Enter the console'),
    layout: 'text',
    body:
      choose && people.length === 0
        ? notice('warn', {
            title: t('还没有管理员', 'There is no operator yet'),
            body: t('请先用命令 hub operator add 添加。', 'Add one with the command hub operator add.'),
          })
        : html`<form method="post" action=${href('/enter')} class="card">
            ${hiddenField('key', key)}
            ${
              choose
                ? choiceField({
                    name: 'name',
                    label: t('你是谁', 'Who are you'),
                    hint: t(
                      '这是你的声明，会随每个决定一起记录；要证明身份请用证书登录。',
                      'This is your statement and is recorded with each decision; to prove who you are, come with a certificate.',
                    ),
                    kind: 'radio',
                    required: true,
                    options: people.map(({ name, roles }) => ({ value: name, text: name, hint: roles })),
                  })
                : as !== undefined && html`<p>${t(`以“${as}”的身份进入。`, `You enter as "${as}".`)}</p>`
            }
            ${submitButton(t('进入', 'Enter'))}
          </form>`,
  }
}
