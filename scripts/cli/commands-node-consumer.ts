import { THEMES } from '#schemas/codes/themes.ts'
import { DATASET, REQUEST } from './arguments.ts'
import type { Argument, Command, Flag } from './command.ts'
import { contentClass, industry, region, wholeNumber } from './flag-values.ts'
import { AS_STAFF, OUT_DIR, PULLS, PURPOSE, REASON, UNTIL } from './flags.ts'
import { pull } from './pull-files.ts'
import { showPulled, showRequested, showSearch } from './show-node.ts'
import { asSentence, asTable } from './show-result.ts'
import { listAgreements, listReceipts } from './write-proofs.ts'

const AGREEMENT: Argument = {
  name: 'agreement',
  about: { zh: '协议编号，可只写唯一的前几位', en: 'id of an agreement, or a unique prefix' },
}
/** Contract, Key continuity: after the other side lost its keys, this names the new ones. */
const NEW_CERTIFICATE: Flag = {
  name: 'certificate',
  value: 'THUMBPRINT',
  about: {
    zh: '对方更换密钥后的新签名证书指纹；先当面核实再写',
    en: "thumbprint of the other side's new signing certificate; make sure who it is first",
  },
}
const LISTED: Argument = {
  name: 'id',
  optional: true,
  about: { zh: '只看这一个，可只写唯一的前几位', en: 'only this one; a unique prefix is enough' },
}
const CHANGED = asSentence({ zh: '{id}：{state}', en: '{id}: {state}' })

/** Commands of a node that uses: searching, asking, pulling, and what both sides see of it. */
export const CONSUMER_COMMANDS: readonly Command[] = [
  {
    words: ['node', 'search'],
    args: [{ name: 'words', optional: true, many: true, about: { zh: '检索词', en: 'words to look for' } }],
    flags: [
      {
        name: 'class',
        value: '1-4',
        parse: contentClass,
        about: { zh: '内容类别', en: 'content class' },
      },
      {
        name: 'theme',
        value: 'THEME',
        choices: Object.keys(THEMES),
        about: { zh: '主题，如 production', en: 'theme, as production' },
      },
      {
        name: 'industry',
        value: 'CODE',
        parse: industry,
        about: { zh: '行业代码（GB/T 4754）', en: 'industry code (GB/T 4754)' },
      },
      { name: 'member', value: 'USCC', about: { zh: '提供方', en: 'who shares it' } },
      {
        name: 'region',
        value: 'CODE',
        parse: region,
        about: { zh: '地区代码（GB/T 2260）', en: 'region code (GB/T 2260)' },
      },
      {
        name: 'sharing',
        value: 'TYPE',
        choices: ['unconditional', 'conditional', 'none'],
        about: { zh: '共享类型', en: 'unconditional, conditional or none' },
      },
      {
        name: 'sort',
        value: 'ORDER',
        choices: ['relevance', 'newest', 'used'],
        about: { zh: '排序', en: 'relevance, newest or used' },
      },
      {
        name: 'cursor',
        value: 'CURSOR',
        about: { zh: '接着上一页（结果中的 next）', en: 'go on after a page (its next)' },
      },
    ],
    about: { zh: '检索目录', en: 'search the catalog' },
    examples: [
      { about: { zh: '按词', en: 'by words' }, line: 'node search 就业' },
      {
        about: { zh: '最新的有条件共享数据', en: 'newest conditional ones' },
        line: 'node search --sharing conditional --sort newest',
      },
    ],
    arguments: ({ words, ...rest }) => ({
      ...rest,
      ...(Array.isArray(words) && words.length > 0 ? { words: words.join(' ') } : {}),
    }),
    render: showSearch,
  },
  {
    words: ['node', 'request'],
    args: [DATASET],
    flags: [{ ...PURPOSE, required: true }, UNTIL, PULLS, AS_STAFF],
    about: {
      zh: '申请使用一个数据集（默认：一年，不限次数，全部文件）',
      en: 'ask for a dataset (default: one year, any number of pulls, all files)',
    },
    examples: [
      {
        about: { zh: '写明用途', en: 'say what for' },
        line: 'node request 51100000PDY0000283/employment --purpose 月度就业形势分析 --until 2027-06-30',
      },
    ],
    render: showRequested,
  },
  {
    words: ['node', 'requests'],
    flags: [
      { name: 'incoming', about: { zh: '只看别人向我的申请', en: 'only those made to this node' } },
      { name: 'outgoing', about: { zh: '只看我提出的申请', en: 'only those of this node' } },
    ],
    about: { zh: '列出申请', en: 'list the requests' },
    examples: [{ about: { zh: '待我同意的', en: 'those that wait for this node' }, line: 'node requests --incoming' }],
    render: asTable(['request', 'dataset', 'consumer', 'purpose', 'until', 'pulls', 'state', 'cause', 'agreement'], {
      zh: '没有申请。',
      en: 'No requests.',
    }),
  },
  {
    words: ['node', 'accept'],
    args: [REQUEST],
    flags: [AS_STAFF],
    about: { zh: '接受提供方提出的条件', en: "accept the owner's terms" },
    examples: [{ about: { zh: '接受', en: 'accept' }, line: 'node accept 8a41' }],
    render: showRequested,
  },
  {
    words: ['node', 'agreements'],
    args: [LISTED],
    flags: [OUT_DIR],
    about: {
      zh: '列出协议；-o 写出可离线验证的证明文件',
      en: 'list the agreements; -o writes proof files that verify offline',
    },
    examples: [
      { about: { zh: '全部协议', en: 'all of them' }, line: 'node agreements' },
      { about: { zh: '存下一份证明', en: 'keep the proof of one' }, line: 'node agreements 3f9c -o ./proofs' },
    ],
    run: listAgreements,
    render: asTable(
      ['id', 'dataset', 'consumer', 'owner', 'state', 'cause', 'suspendedBy', 'until', 'pulls', 'proof'],
      {
        zh: '还没有协议。',
        en: 'No agreements yet.',
      },
    ),
  },
  {
    words: ['node', 'receipts'],
    args: [LISTED],
    flags: [OUT_DIR],
    about: {
      zh: '列出回执；-o 写出可离线验证的证明文件',
      en: 'list the receipts; -o writes proof files that verify offline',
    },
    examples: [
      { about: { zh: '全部回执', en: 'all of them' }, line: 'node receipts' },
      { about: { zh: '存下证明', en: 'keep their proofs' }, line: 'node receipts -o ./proofs' },
    ],
    run: listReceipts,
    render: asTable(['pull', 'dataset', 'version', 'role', 'consumer', 'bytes', 'state', 'opened', 'proof'], {
      zh: '还没有回执。',
      en: 'No receipts yet.',
    }),
  },
  ...(
    [
      ['suspend', { zh: '暂停协议，立即生效', en: 'suspend an agreement, at once' }],
      ['resume', { zh: '恢复自己暂停的协议', en: 'resume an agreement that this node suspended' }],
      ['terminate', { zh: '终止协议，不可恢复', en: 'terminate an agreement for good' }],
    ] as const
  ).map(
    ([word, about]): Command => ({
      words: ['node', word],
      args: [AGREEMENT],
      flags: word === 'resume' ? [REASON, NEW_CERTIFICATE, AS_STAFF] : [REASON, AS_STAFF],
      about,
      examples: [{ about, line: `node ${word} 3f9c --reason 核查` }],
      render: CHANGED,
    }),
  ),
  {
    words: ['node', 'pull'],
    args: [
      {
        name: 'target',
        shown: 'AGREEMENT|DATASET',
        about: { zh: '协议编号，或数据集', en: 'an agreement, or a dataset' },
      },
    ],
    flags: [
      {
        name: 'version',
        value: 'N',
        parse: wholeNumber(1),
        about: { zh: '哪一版（默认最新）', en: 'which version (default: the newest)' },
      },
      OUT_DIR,
    ],
    about: {
      zh: '调取数据并逐块校验，文件写入当前目录或 -o 目录；中断后重复同一命令即可',
      en: 'pull the data, verify every chunk, write the files here or into -o; after an interruption give the same command again',
    },
    examples: [
      {
        about: { zh: '最新一版', en: 'the newest version' },
        line: 'node pull 51100000PDY0000283/employment -o ./data',
      },
      { about: { zh: '按协议调取第 2 版', en: 'version 2 under an agreement' }, line: 'node pull 3f9c --version 2' },
    ],
    run: pull,
    render: showPulled,
  },
]
