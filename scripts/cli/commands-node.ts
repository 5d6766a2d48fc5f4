import { backUp, restore } from './back-up.ts'
import type { Argument, Command } from './command.ts'
import { exportPersonal } from './export-personal.ts'
import { AS_STAFF, LISTENING, OUT_DIR, OUT_FILE, PULLS, PURPOSE, REASON, REASON_MAY, UNTIL } from './flags.ts'
import { initialise } from './initialise.ts'
import { publish } from './publish-files.ts'
import { pull } from './pull-files.ts'
import { showChecks, showPublished, showPulled, showRequested, showSearch } from './show-node.ts'
import { asFacts, asOutline, asSentence, asTable } from './show-result.ts'
import { start } from './start-server.ts'
import { listAgreements, listReceipts } from './write-proofs.ts'

const DATASET: Argument = { name: 'dataset', about: { zh: '数据集：成员代码/标识', en: 'a dataset: member/slug' } }
const REQUEST: Argument = {
  name: 'request',
  about: { zh: '申请编号，可只写唯一的前几位', en: 'id of a request, or a unique prefix' },
}
const AGREEMENT: Argument = {
  name: 'agreement',
  about: { zh: '协议编号，可只写唯一的前几位', en: 'id of an agreement, or a unique prefix' },
}
const LISTED: Argument = {
  name: 'id',
  optional: true,
  about: { zh: '只看这一个，可只写唯一的前几位', en: 'only this one; a unique prefix is enough' },
}
const CHANGED = asSentence({ zh: '{id}：{state}', en: '{id}: {state}' })

/** Commands of a member's node: itself, what it shares. */
const OWNER: readonly Command[] = [
  {
    words: ['node', 'init'],
    flags: [
      {
        name: 'code',
        value: 'CODE',
        required: true,
        about: { zh: '共享中心给的接入码', en: 'the enrolment code from the hub' },
      },
      ...LISTENING,
    ],
    about: {
      zh: '用接入码建立并注册一个节点；中断后重复同一命令即可',
      en: 'create and enrol a node; after an interruption give the same command again',
    },
    examples: [
      { about: { zh: '在 ./node 建立', en: 'in ./node' }, line: 'node init --data ./node --code HH1.… --ports 7543' },
    ],
    run: initialise,
    render: asFacts(
      { zh: '节点已注册。下一步：hanghui node start', en: 'The node is enrolled. Next: hanghui node start' },
      ['member', 'fingerprint', 'certificates'],
    ),
  },
  {
    words: ['node', 'start'],
    about: { zh: '在前台运行节点', en: 'run the node in the foreground' },
    examples: [
      {
        about: { zh: '就绪后输出一行 JSON', en: 'prints one line of JSON once it serves' },
        line: 'node start --data ./node',
      },
    ],
    run: start,
    render: asOutline,
  },
  {
    words: ['node', 'sponsor'],
    args: [
      {
        name: 'member',
        shown: 'USCC',
        about: { zh: '被推荐单位的统一社会信用代码', en: 'code of the organisation to sponsor' },
      },
    ],
    flags: [UNTIL, AS_STAFF],
    about: { zh: '以协会名义推荐关联单位', en: 'sponsor an affiliate in the name of this association' },
    examples: [
      {
        about: { zh: '到 2027 年 6 月 30 日', en: 'until the end of June 2027' },
        line: 'node sponsor 51100000PDY000036X --until 2027-06-30',
      },
    ],
    render: asFacts({ zh: '已推荐', en: 'Sponsored' }, ['sponsorship', 'until']),
  },
  {
    words: ['node', 'unsponsor'],
    args: [{ name: 'member', shown: 'USCC', about: { zh: '单位的统一社会信用代码', en: 'code of the organisation' } }],
    flags: [AS_STAFF],
    about: { zh: '撤回推荐，对方随即停用', en: 'withdraw a sponsorship; the affiliate stops at once' },
    examples: [{ about: { zh: '撤回', en: 'withdraw it' }, line: 'node unsponsor 51100000PDY000036X' }],
    render: asFacts({ zh: '已撤回推荐', en: 'Sponsorship withdrawn' }, ['sponsorship']),
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

/** Commands of a member's node: what it uses. */
const CONSUMER: readonly Command[] = [
  {
    words: ['node', 'search'],
    args: [{ name: 'words', optional: true, many: true, about: { zh: '检索词', en: 'words to look for' } }],
    flags: [
      {
        name: 'class',
        value: '1-4',
        kind: 'integer',
        choices: ['1', '2', '3', '4'],
        about: { zh: '内容类别', en: 'content class' },
      },
      { name: 'theme', value: 'THEME', about: { zh: '主题，如 production', en: 'theme, as production' } },
      { name: 'industry', value: 'CODE', about: { zh: '行业代码（GB/T 4754）', en: 'industry code (GB/T 4754)' } },
      { name: 'member', value: 'USCC', about: { zh: '提供方', en: 'who shares it' } },
      { name: 'region', value: 'CODE', about: { zh: '地区代码（GB/T 2260）', en: 'region code (GB/T 2260)' } },
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
    render: asTable(['request', 'dataset', 'consumer', 'purpose', 'state', 'agreement'], {
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
    render: asTable(['id', 'dataset', 'consumer', 'owner', 'state', 'until', 'proof'], {
      zh: '还没有协议。',
      en: 'No agreements yet.',
    }),
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
      flags: [REASON, AS_STAFF],
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
        kind: 'integer',
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

/** Commands of a member's node: its running. */
const RUNNING: readonly Command[] = [
  {
    words: ['node', 'status'],
    about: { zh: '显示运行状况', en: 'show how the node is' },
    examples: [{ about: { zh: '概况', en: 'at a glance' }, line: 'node status' }],
    render: asOutline,
  },
  {
    words: ['node', 'doctor'],
    about: {
      zh: '检查时钟、证书、信任目录、连通和磁盘，并说明如何处理',
      en: 'check clock, certificates, directory, reachability and disk, and say what to do',
    },
    examples: [{ about: { zh: '体检', en: 'check-up' }, line: 'node doctor' }],
    render: showChecks,
  },
  {
    words: ['node', 'renew'],
    about: { zh: '立即更新证书', en: 'renew the certificates now' },
    examples: [{ about: { zh: '不等自动更新', en: 'without waiting for it' }, line: 'node renew' }],
    render: showChecks,
  },
  {
    words: ['node', 'alarms'],
    about: { zh: '列出告警', en: 'list the alarms' },
    examples: [{ about: { zh: '未处理的告警', en: 'those that stand' }, line: 'node alarms' }],
    render: asTable(['id', 'kind', 'since', 'summary'], { zh: '没有告警。', en: 'No alarms.' }),
  },
  {
    words: ['node', 'console'],
    about: { zh: '取得打开工作台的一次性链接', en: 'get a one-time link to the console' },
    examples: [{ about: { zh: '在本机浏览器打开', en: 'open it in a browser of this machine' }, line: 'node console' }],
    render: asSentence({ zh: '{url}', en: '{url}' }),
  },
  {
    words: ['node', 'staff', 'add'],
    args: [{ name: 'name', about: { zh: '姓名', en: 'the name of the person' } }],
    flags: [
      OUT_FILE,
      {
        name: 'passphrase-file',
        value: 'F',
        about: { zh: '口令文件；不给则生成并显示', en: 'file with the passphrase; without it one is made and shown' },
      },
    ],
    about: {
      zh: '给工作人员发证书（本机以外打开工作台用）',
      en: 'give a person a certificate for the console off this machine',
    },
    examples: [{ about: { zh: '写出 PKCS#12', en: 'as PKCS#12' }, line: 'node staff add 赵丽 -o zhaoli.p12' }],
    run: exportPersonal,
    render: asFacts({ zh: '证书已写出', en: 'The certificate is written' }, ['file', 'passphrase', 'expires']),
  },
  {
    words: ['node', 'backup'],
    args: [{ name: 'file', about: { zh: '备份写到这个文件', en: 'write the backup to this file' } }],
    about: { zh: '备份，不停机', en: 'back up while it runs' },
    examples: [{ about: { zh: '写到文件', en: 'to a file' }, line: 'node backup /backup/node-2026-11-24.hhb' }],
    run: backUp,
    render: asFacts({ zh: '备份完成', en: 'Backed up' }, ['file', 'sha256']),
  },
  {
    words: ['node', 'restore'],
    args: [{ name: 'file', about: { zh: '备份文件', en: 'the backup' } }],
    about: { zh: '从备份恢复到空的数据目录', en: 'restore a backup into an empty data folder' },
    examples: [
      {
        about: { zh: '恢复到 ./node', en: 'into ./node' },
        line: 'node restore /backup/node-2026-11-24.hhb --data ./node',
      },
    ],
    run: restore,
    render: asFacts({ zh: '已恢复', en: 'Restored' }, ['file', 'sha256']),
  },
]

/** All commands of a member's node, in the order of its help. */
export const NODE_COMMANDS: readonly Command[] = [...OWNER, ...CONSUMER, ...RUNNING]
