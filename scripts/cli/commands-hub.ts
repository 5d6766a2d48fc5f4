import type { Argument, Command, Flag } from './command.ts'
import { keepingCommands } from './commands-keeping.ts'
import { time } from './flag-values.ts'
import { AS, LISTENING, PROPOSAL_FILE, REASON, REASON_MAY } from './flags.ts'
import { initialise } from './initialise.ts'
import { readCa } from './read-input.ts'
import { asProposed, proposeChange } from './root-ceremony.ts'
import { showLimits } from './show-limits.ts'
import { asFacts, asOutline, asSentence, asTable } from './show-result.ts'
import { start } from './start-server.ts'

const ID: Argument = { name: 'id', about: { zh: '编号，可只写唯一的前几位', en: 'its id, or a prefix that is unique' } }
const ROLE: Flag = {
  name: 'role',
  value: 'ROLE',
  choices: ['registrar', 'approver', 'auditor', 'administrator'],
  required: true,
  about: { zh: '角色：登记员、审批员、审计员、系统管理员', en: 'registrar, approver, auditor or administrator' },
}
const CHANGED = asSentence({ zh: '{id}：{state}', en: '{id}: {state}' })
const CA_FILE: Argument = {
  name: 'file',
  about: { zh: '机构的证书链（PEM）', en: 'the certificate chain of the CA (PEM)' },
}

/** Commands of the sharing centre. */
export const HUB_COMMANDS: readonly Command[] = [
  {
    words: ['hub', 'init'],
    flags: [
      { name: 'name', value: 'NAME', about: { zh: '共享中心名称', en: 'name of the sharing centre' } },
      ...LISTENING,
    ],
    about: {
      zh: '建立一个共享中心：信任根、签发机构和数据目录',
      en: 'create a hub: its root, its authority, its data folder',
    },
    examples: [
      {
        about: { zh: '在 ./hub 建立，端口从 7443 起', en: 'in ./hub, ports from 7443' },
        line: 'hub init --data ./hub --name 行汇共享中心 --ports 7443',
      },
    ],
    run: initialise,
    render: asFacts(
      {
        zh: '共享中心已建立。下一步：hanghui hub start --data {dataDir}',
        en: 'The hub is created. Next: hanghui hub start --data {dataDir}',
      },
      ['dataDir', 'fingerprint'],
    ),
  },
  {
    words: ['hub', 'start'],
    about: { zh: '在前台运行共享中心', en: 'run the hub in the foreground' },
    examples: [
      {
        about: { zh: '就绪后输出一行 JSON', en: 'prints one line of JSON once it serves' },
        line: 'hub start --data ./hub',
      },
    ],
    run: start,
    render: asOutline,
  },
  {
    words: ['hub', 'operator', 'add'],
    args: [{ name: 'name', about: { zh: '姓名', en: 'the name of the person' } }],
    flags: [
      ROLE,
      {
        name: 'member',
        value: 'USCC',
        about: {
          zh: '所属成员；对其协议须回避',
          en: 'the member this person belongs to, on whose agreements they never decide',
        },
      },
      { ...AS, required: false },
    ],
    about: { zh: '添加管理员，或给管理员增加一个角色', en: 'add an operator, or a role to one' },
    examples: [
      {
        about: { zh: '张敏负责登记', en: 'Zhang Min registers members' },
        line: 'hub operator add 张敏 --role registrar',
      },
      {
        about: { zh: '李强负责审批', en: 'Li Qiang approves agreements' },
        line: 'hub operator add 李强 --role approver',
      },
    ],
    render: asSentence({ zh: '{operator} 的角色：{roles}', en: '{operator} is {roles}' }),
  },
  {
    words: ['hub', 'operator', 'remove'],
    args: [{ name: 'name', about: { zh: '姓名', en: 'the name of the person' } }],
    flags: [ROLE, { ...AS, required: false }],
    about: {
      zh: '免去管理员的一个角色；免去最后一个时其证书一并吊销',
      en: 'take a role away; with the last one the certificates of the person are revoked',
    },
    examples: [{ about: { zh: '不再审批', en: 'approves no more' }, line: 'hub operator remove 李强 --role approver' }],
    render: asSentence({ zh: '{operator} 的角色：{roles}', en: '{operator} is {roles}' }),
  },
  {
    words: ['hub', 'code'],
    flags: [
      {
        name: 'class',
        value: 'CLASS',
        choices: ['association', 'department', 'affiliate'],
        required: true,
        about: { zh: '成员类别', en: 'association, department or affiliate' },
      },
      {
        name: 'member',
        value: 'USCC',
        required: true,
        about: { zh: '统一社会信用代码', en: 'its unified social credit code' },
      },
      { name: 'name', value: 'NAME', required: true, about: { zh: '单位名称', en: 'its name' } },
      AS,
    ],
    about: { zh: '生成一次性接入码，即接纳一个成员', en: 'make a one-time enrolment code: this admits a member' },
    examples: [
      {
        about: { zh: '接纳一个协会', en: 'admit an association' },
        line: 'hub code --class association --member 51100000PDY0000283 --name 某某行业协会 --as 张敏',
      },
    ],
    render: asFacts(
      {
        zh: '接入码只能使用一次，请当面或经可信渠道交给对方：\n\n{code}\n',
        en: 'The code works once; hand it over in person or over a trusted channel:\n\n{code}\n',
      },
      ['expires'],
    ),
  },
  {
    words: ['hub', 'members'],
    about: { zh: '列出成员', en: 'list the members' },
    examples: [{ about: { zh: '供程序读取', en: 'for programs' }, line: 'hub members --json' }],
    render: asTable(['id', 'name', 'class', 'state', 'endpoint'], {
      zh: '还没有成员。用 hub code 接纳。',
      en: 'No members yet; admit one with hub code.',
    }),
  },
  {
    words: ['hub', 'catalog'],
    about: { zh: '列出目录中的数据集', en: 'list the datasets of the catalog' },
    examples: [{ about: { zh: '全部数据集', en: 'all of them' }, line: 'hub catalog' }],
    render: asTable(['id', 'title', 'version', 'sharing', 'state'], {
      zh: '目录还是空的。',
      en: 'The catalog is empty.',
    }),
  },
  {
    words: ['hub', 'agreements'],
    about: { zh: '列出协议', en: 'list the agreements' },
    examples: [{ about: { zh: '全部协议', en: 'all of them' }, line: 'hub agreements' }],
    render: asTable(['id', 'dataset', 'consumer', 'state', 'cause', 'suspendedBy', 'until'], {
      zh: '还没有协议。',
      en: 'No agreements yet.',
    }),
  },
  {
    words: ['hub', 'queue'],
    about: { zh: '列出等待决定的事项', en: 'list what waits for a decision' },
    examples: [{ about: { zh: '看有什么要批', en: 'see what can be approved or refused' }, line: 'hub queue' }],
    render: asTable(['id', 'kind', 'role', 'since', 'summary'], { zh: '没有待办。', en: 'Nothing waits.' }),
  },
  {
    words: ['hub', 'alarms'],
    about: { zh: '列出告警', en: 'list the alarms' },
    examples: [{ about: { zh: '未处理的告警', en: 'those that stand' }, line: 'hub alarms' }],
    render: asTable(['id', 'kind', 'since', 'summary'], { zh: '没有告警。', en: 'No alarms.' }),
  },
  {
    words: ['hub', 'approve'],
    args: [ID],
    flags: [AS, REASON_MAY],
    about: { zh: '批准一个待办事项', en: 'approve what waits in the queue' },
    examples: [{ about: { zh: '批准协议', en: 'approve an agreement' }, line: 'hub approve 3f9c --as 李强' }],
    render: CHANGED,
  },
  {
    words: ['hub', 'refuse'],
    args: [ID],
    flags: [AS, REASON],
    about: { zh: '拒绝一个待办事项', en: 'refuse what waits in the queue' },
    examples: [{ about: { zh: '写明理由', en: 'say why' }, line: 'hub refuse 3f9c --as 李强 --reason 用途不明' }],
    render: CHANGED,
  },
  ...(
    [
      ['suspend', { zh: '暂停协议或成员', en: 'suspend an agreement or a member' }, 'AGREEMENT|MEMBER'],
      ['resume', { zh: '恢复协议或成员', en: 'resume an agreement or a member' }, 'AGREEMENT|MEMBER'],
      ['terminate', { zh: '终止协议，不可恢复', en: 'terminate an agreement for good' }, 'AGREEMENT'],
    ] as const
  ).map(
    ([word, about, shown]): Command => ({
      words: ['hub', word],
      args: [{ ...ID, shown }],
      flags: [AS, REASON],
      about,
      examples: [{ about, line: `hub ${word} 3f9c --as 李强 --reason 核查` }],
      render: CHANGED,
    }),
  ),
  {
    words: ['hub', 'revoke'],
    args: [
      {
        ...ID,
        shown: 'CERTIFICATE|MEMBER',
        about: { zh: '证书指纹或成员代码', en: 'thumbprint of a certificate, or a member' },
      },
    ],
    flags: [
      AS,
      REASON,
      {
        name: 'since',
        value: 'TIME',
        parse: time,
        about: { zh: '自何时起不可信（RFC 3339）', en: 'not to be trusted since (RFC 3339)' },
      },
    ],
    about: { zh: '吊销证书，不可恢复', en: 'revoke a certificate, or all of a member, for good' },
    examples: [
      {
        about: { zh: '私钥泄露', en: 'a key was stolen' },
        line: 'hub revoke 51100000PDY0000283 --as 张敏 --reason keyCompromise --since 2026-11-20T00:00:00Z',
      },
    ],
    render: asSentence({ zh: '已吊销：{revoked}', en: 'Revoked: {revoked}' }),
  },
  {
    words: ['hub', 'phase'],
    args: [
      { name: 'phase', about: { zh: 'construction 建设阶段，rollout 全面推广阶段', en: 'construction or rollout' } },
    ],
    flags: [AS],
    about: { zh: '设定所处阶段；收费只在全面推广阶段可行', en: 'set the phase; prices exist in rollout only' },
    examples: [{ about: { zh: '进入全面推广阶段', en: 'begin the rollout' }, line: 'hub phase rollout --as 王芳' }],
    render: asSentence({ zh: '现处：{phase}', en: 'The phase is {phase}' }),
  },
  ...(['add', 'remove'] as const).map(
    (word): Command => ({
      words: ['hub', 'ca', word],
      args: [CA_FILE],
      flags: [AS, PROPOSAL_FILE],
      about:
        word === 'add'
          ? { zh: '承认一家电子认证服务机构', en: 'accept certificates of an external licensed CA' }
          : { zh: '不再承认一家机构', en: 'no longer accept an external CA' },
      examples: [
        { about: { zh: '用它的证书链', en: 'by its certificate chain' }, line: `hub ca ${word} ca.pem --as 王芳` },
      ],
      arguments: readCa,
      run: proposeChange,
      render: asProposed({ zh: '{ca}：{state}', en: '{ca}: {state}' }, ['version']),
    }),
  ),
  {
    words: ['hub', 'limits'],
    about: { zh: '显示各项限度', en: 'show every limit' },
    examples: [{ about: { zh: '一张表', en: 'one table' }, line: 'hub limits' }],
    render: showLimits,
  },
  {
    words: ['hub', 'status'],
    about: { zh: '显示运行状况', en: 'show how the hub is' },
    examples: [{ about: { zh: '概况', en: 'at a glance' }, line: 'hub status' }],
    render: asOutline,
  },
  {
    words: ['hub', 'console'],
    flags: [{ ...AS, required: false }],
    about: { zh: '取得打开管理台的一次性链接', en: 'get a one-time link to the console' },
    examples: [{ about: { zh: '在本机浏览器打开', en: 'open it in a browser of this machine' }, line: 'hub console' }],
    render: asSentence({ zh: '{url}', en: '{url}' }),
  },
  ...keepingCommands('hub'),
]
