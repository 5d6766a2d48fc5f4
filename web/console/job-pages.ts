import { refusalBox } from '../components/refusal-box.ts'
import { linkButton, progressBar } from '../components/words.ts'
import { type Html, html } from '../pages/html.ts'
import { type Answer, raw, redirect } from '../pages/page.ts'
import { showBytes, showNumber } from '../pages/show.ts'
import type { Visit } from '../pages/visit.ts'
import type { Progress } from '../serving/actions.ts'
import type { Job } from './jobs.ts'

const REFRESH_SECONDS = 2

/** How far a job is; once done, its own page; refused, what was refused and the way back. */
export function jobPage(visit: Visit, job: Job): Answer {
  const { t } = visit
  if (job.problem !== undefined)
    return {
      title: job.title,
      status: job.problem.status,
      body: html`${refusalBox(visit.lang, job.problem)}
        <div class="cluster">${linkButton(job.back, t('返回', 'Back'), 'primary')}</div>`,
    }
  if (job.ended !== undefined) return redirect(job.done(job.result))
  return {
    title: job.title,
    refresh: REFRESH_SECONDS,
    scripts: ['job.js'],
    body: html`<div class="card" data-job=${visit.href(`/jobs/${job.id}/state`)} aria-live="polite">
      ${progressBar(t('进度', 'Progress'), job.progress?.done ?? 0, job.progress?.total ?? 0)}
      <p data-job-text>${sayProgress(visit, job.progress)}</p>
      <p class="small quiet-text">${t('可以离开本页，工作会继续。', 'You may leave this page; the work goes on.')}</p>
    </div>`,
  }
}

/** The same for the page's script: numbers, and the sentence as it stands on the page. */
export function jobState(visit: Visit, job: Job): Answer {
  const { progress, ended } = job
  return raw(
    'application/json; charset=utf-8',
    JSON.stringify({
      ended: ended !== undefined,
      done: progress?.done ?? 0,
      total: progress?.total ?? 0,
      text: sayProgress(visit, progress),
    }),
  )
}

const PHASES: Readonly<Record<string, { zh: string; en: string }>> = {
  upload: { zh: '接收文件', en: 'Taking the file' },
  inspect: { zh: '检查内容', en: 'Checking the content' },
  check: { zh: '检查内容', en: 'Checking the content' },
  chunk: { zh: '分块并计算摘要', en: 'Cutting and hashing' },
  hash: { zh: '分块并计算摘要', en: 'Cutting and hashing' },
  sign: { zh: '签名', en: 'Signing' },
  send: { zh: '送往共享中心', en: 'Sending to the hub' },
  publish: { zh: '签名并发布', en: 'Signing and publishing' },
  pull: { zh: '调取', en: 'Pulling' },
  fetch: { zh: '调取', en: 'Pulling' },
  verify: { zh: '核验', en: 'Verifying' },
  connect: { zh: '联系提供方', en: 'Reaching the owner' },
  acknowledge: { zh: '签署回执', en: 'Signing the receipt' },
}

function sayProgress({ t, lang }: Visit, progress: Progress | undefined): Html & string {
  if (progress === undefined) return t('正在开始……', 'Starting …')
  const { phase, done, total, unit } = progress
  const name = Object.hasOwn(PHASES, phase) ? (lang === 'zh' ? PHASES[phase]?.zh : PHASES[phase]?.en) : phase
  if (unit === 'steps') return t(`${name}……`, `${name} …`)
  const write = (value: number) => (unit === 'bytes' ? showBytes(lang, value) : showNumber(lang, value))
  return total > 0 ? `${name}${t('：', ': ')}${write(done)} / ${write(total)}` : `${name}${t('：', ': ')}${write(done)}`
}
