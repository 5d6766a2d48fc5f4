/** Refusals as pages say them: no command where there is a button, no word of a schema where there is a label. */
import t from 'tap'
import { Refusal } from '#schemas/refusal.ts'
import { REFUSALS, type RefusalCode } from '#schemas/refusals.ts'
import { sayAtField, sayDetail, sayRemedy } from '#web/texts/page-refusals.ts'

/** No page brings them about. */
const ONLY_TYPED = new Set(['USAGE', 'ALREADY_INITIALISED', 'ENROLMENT_OPEN'])

t.test('a page names no command as the remedy', async (t) => {
  for (const code of Object.keys(REFUSALS).filter((one) => !ONLY_TYPED.has(one)))
    for (const lang of ['zh', 'en'] as const)
      t.notMatch(sayRemedy(lang, new Refusal(code as RefusalCode).problem()), /hanghui|--\w/, `${code} ${lang}`)
})

t.test('a field that breaks its schema is told by its label and in words', async (t) => {
  const problem = new Refusal('BODY_INVALID', {
    field: '/title/zh',
    rule: 'minLength',
    detail: { zh: '字段 /title/zh 不符合规则 minLength', en: 'Field /title/zh must NOT have fewer than 1 characters' },
  }).problem()
  t.equal(sayDetail('zh', problem), '标题（中文）：请填写此项')
  t.equal(sayDetail('en', problem), 'Title (Chinese): Please fill this in')
  t.equal(sayAtField('zh', problem), '请填写此项')
})

t.test('a refusal with a sentence and a remedy of its own keeps them', async (t) => {
  const detail = { zh: '密钥泄露时间晚于现在', en: 'The key is said to be lost in the future' }
  const remedy = { zh: '请填写已经过去的时间', en: 'Give a time that has passed' }
  const problem = new Refusal('CLOCK_SKEW', { field: '/since', rule: 'a key was lost in the past', detail, remedy })
  t.equal(sayDetail('zh', problem.problem()), detail.zh)
  t.equal(sayRemedy('zh', problem.problem()), remedy.zh)
})
