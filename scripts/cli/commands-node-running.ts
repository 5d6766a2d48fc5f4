import type { Command } from './command.ts'
import { keepingCommands } from './commands-keeping.ts'
import { exportPersonal } from './export-personal.ts'
import { AS_STAFF, LISTENING, OUT_FILE, PASSPHRASE_FILE } from './flags.ts'
import { initialise } from './initialise.ts'
import { showChecks } from './show-node.ts'
import { asFacts, asOutline, asSentence, asTable } from './show-result.ts'
import { start } from './start-server.ts'

/** Commands that make, run and keep a node. */
export const RUNNING_COMMANDS: readonly Command[] = [
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
      {
        zh: '节点已接入。下一步：hanghui node start --data {dataDir}',
        en: 'The node is enrolled. Next: hanghui node start --data {dataDir}',
      },
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
    flags: [AS_STAFF],
    about: { zh: '取得打开工作台的一次性链接', en: 'get a one-time link to the console' },
    examples: [{ about: { zh: '在本机浏览器打开', en: 'open it in a browser of this machine' }, line: 'node console' }],
    render: asSentence({ zh: '{url}', en: '{url}' }),
  },
  {
    words: ['node', 'staff', 'add'],
    args: [{ name: 'name', about: { zh: '姓名', en: 'the name of the person' } }],
    flags: [OUT_FILE, PASSPHRASE_FILE],
    about: {
      zh: '给工作人员发证书（本机以外打开工作台用）',
      en: 'give a person a certificate for the console off this machine',
    },
    examples: [{ about: { zh: '写出 PKCS#12', en: 'as PKCS#12' }, line: 'node staff add 赵丽 -o zhaoli.p12' }],
    run: exportPersonal,
    render: asFacts({ zh: '证书已写出', en: 'The certificate is written' }, ['file', 'passphrase', 'expires']),
  },
  {
    words: ['node', 'staff', 'list'],
    about: { zh: '列出工作人员证书', en: 'list the certificates of staff' },
    examples: [
      { about: { zh: '谁能从别处打开工作台', en: 'who may open the console from elsewhere' }, line: 'node staff list' },
    ],
    render: asTable(['name', 'state', 'until', 'thumbprint'], {
      zh: '还没有工作人员证书。',
      en: 'No certificates of staff yet.',
    }),
  },
  {
    words: ['node', 'staff', 'remove'],
    args: [{ name: 'name', about: { zh: '姓名', en: 'the name of the person' } }],
    about: { zh: '让某人的证书不再能打开工作台', en: 'let the certificates of a person open the console no more' },
    examples: [{ about: { zh: '离职时', en: 'when somebody leaves' }, line: 'node staff remove 赵丽' }],
    render: asSentence({ zh: '{name} 的证书已失效。', en: 'The certificates of {name} open nothing any more.' }),
  },
  ...keepingCommands('node'),
]
