import { DATASET, REQUEST } from './arguments.ts'
import type { Command } from './command.ts'
import { day } from './flag-values.ts'
import { AS_STAFF, PULLS, PURPOSE, REASON, REASON_MAY, UNTIL } from './flags.ts'
import { publish } from './publish-files.ts'
import { showPublished, showRequested } from './show-node.ts'
import { asFacts, asSentence, asTable } from './show-result.ts'

/** Commands of a node that shares: sponsoring, publishing, answering requests. */
export const OWNER_COMMANDS: readonly Command[] = [
  {
    words: ['node', 'sponsor'],
    args: [
      {
        name: 'member',
        shown: 'USCC',
        about: { zh: '被担保单位的统一社会信用代码', en: 'code of the organisation to sponsor' },
      },
    ],
    flags: [{ ...UNTIL, parse: day }, AS_STAFF],
    about: { zh: '以协会名义担保关联单位', en: 'sponsor an affiliate in the name of this association' },
    examples: [
      {
        about: { zh: '到 2027 年 6 月 30 日', en: 'until the end of June 2027' },
        line: 'node sponsor 51100000PDY000036X --until 2027-06-30',
      },
    ],
    render: asFacts({ zh: '已担保', en: 'Sponsored' }, ['sponsorship', 'until']),
  },
  {
    words: ['node', 'unsponsor'],
    args: [{ name: 'member', shown: 'USCC', about: { zh: '单位的统一社会信用代码', en: 'code of the organisation' } }],
    flags: [REASON_MAY, AS_STAFF],
    about: { zh: '撤回担保，对方随即停用', en: 'withdraw a sponsorship; the affiliate stops at once' },
    examples: [{ about: { zh: '撤回', en: 'withdraw it' }, line: 'node unsponsor 51100000PDY000036X' }],
    render: asFacts({ zh: '已撤回担保', en: 'Sponsorship withdrawn' }, ['sponsorship']),
  },
  {
    words: ['node', 'publish'],
    args: [
      {
        name: 'files',
        shown: 'FILE',
        many: true,
        about: {
          zh: '数据文件：CSV、XLSX、JSON、Parquet 或任意文件',
          en: 'data files: CSV, XLSX, JSON, Parquet, or any other',
        },
      },
    ],
    flags: [
      {
        name: 'meta',
        value: 'PATH',
        required: true,
        about: {
          zh: '目录信息（JSON 文件，- 为标准输入）',
          en: 'what the catalog says (a JSON file; -: standard input)',
        },
      },
      {
        name: 'schema',
        value: 'PATH',
        about: {
          zh: '表结构（JSON 文件）；不给则自动拟定',
          en: 'table schema (a JSON file); without it one is proposed',
        },
      },
      AS_STAFF,
    ],
    about: {
      zh: '发布数据集的一个版本；标识已有时即为下一版',
      en: 'publish a version of a dataset; the next one when its slug exists',
    },
    examples: [
      {
        about: { zh: '发布一个表', en: 'publish a table' },
        line: 'node publish employment.csv --meta employment.meta.json',
      },
      {
        about: { zh: '目录信息来自管道', en: 'what the catalog says comes from a pipe' },
        line: 'node publish data.xlsx --meta - < meta.json',
      },
    ],
    run: publish,
    render: showPublished,
  },
  {
    words: ['node', 'cosign'],
    args: [DATASET],
    flags: [AS_STAFF],
    about: { zh: '会签共有数据集', en: 'sign a JOINT dataset as one of its owners' },
    examples: [{ about: { zh: '会签', en: 'sign it' }, line: 'node cosign 51100000PDY0000283/joint-prices' }],
    render: asSentence({ zh: '{dataset}：{state}', en: '{dataset}: {state}' }),
  },
  {
    words: ['node', 'withdraw'],
    args: [DATASET],
    flags: [REASON, AS_STAFF],
    about: { zh: '撤回数据集', en: 'withdraw a dataset' },
    examples: [{ about: { zh: '写明理由', en: 'say why' }, line: 'node withdraw employment --reason 口径调整' }],
    render: asSentence({ zh: '{dataset}：{state}', en: '{dataset}: {state}' }),
  },
  {
    words: ['node', 'datasets'],
    about: { zh: '列出本节点的数据集', en: 'list the datasets of this node' },
    examples: [{ about: { zh: '全部', en: 'all of them' }, line: 'node datasets' }],
    render: asTable(['dataset', 'title', 'version', 'bytes', 'sharing', 'state'], {
      zh: '还没有发布数据集。',
      en: 'Nothing is published yet.',
    }),
  },
  {
    words: ['node', 'consent'],
    args: [REQUEST],
    flags: [AS_STAFF],
    about: { zh: '同意一项申请并签署协议', en: 'consent to a request and sign the agreement' },
    examples: [{ about: { zh: '同意', en: 'consent' }, line: 'node consent 8a41' }],
    render: showRequested,
  },
  {
    words: ['node', 'refuse'],
    args: [REQUEST],
    flags: [REASON, AS_STAFF],
    about: { zh: '拒绝一项申请', en: 'refuse a request' },
    examples: [{ about: { zh: '写明理由', en: 'say why' }, line: 'node refuse 8a41 --reason 用途不符' }],
    render: showRequested,
  },
  {
    words: ['node', 'counter'],
    args: [REQUEST],
    flags: [UNTIL, PULLS, PURPOSE, REASON_MAY, AS_STAFF],
    about: { zh: '对申请提出不同条件', en: 'answer a request with other terms' },
    examples: [
      { about: { zh: '缩短期限', en: 'for a shorter time' }, line: 'node counter 8a41 --until 2027-03-31 --pulls 3' },
    ],
    render: showRequested,
  },
]
