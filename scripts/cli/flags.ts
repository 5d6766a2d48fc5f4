import type { Flag } from './command.ts'
import { dayOrTime, wholeNumber } from './flag-values.ts'

/** Taken by every command, before or after its words. */
export const EVERYWHERE: readonly Flag[] = [
  {
    name: 'data',
    value: 'DIR',
    about: { zh: '数据目录（也可用环境变量 HANGHUI_DATA）', en: 'data folder (or the variable HANGHUI_DATA)' },
  },
  {
    name: 'json',
    about: { zh: '标准输出只有一个 JSON 值', en: 'one JSON value on standard output, nothing else there' },
  },
  {
    name: 'lang',
    value: 'zh|en',
    choices: ['zh', 'en'],
    about: { zh: '语言（也可用环境变量 HANGHUI_LANG）', en: 'language (or the variable HANGHUI_LANG)' },
  },
  { name: 'help', short: 'h', about: { zh: '显示帮助与示例', en: 'show help with examples' } },
]

/** At the hub a decision names the person. */
export const AS: Flag = {
  name: 'as',
  value: 'NAME',
  required: true,
  about: { zh: '作出决定的管理员', en: 'the operator who decides' },
}

/** At a node the operating-system user acts unless somebody else is named. */
export const AS_STAFF: Flag = {
  name: 'as',
  value: 'NAME',
  about: { zh: '经办人（默认：当前系统用户）', en: 'who acts (default: the operating-system user)' },
}

export const REASON: Flag = {
  name: 'reason',
  value: 'TEXT',
  required: true,
  about: { zh: '理由，会告知对方', en: 'why; the other side is told' },
}

export const REASON_MAY: Flag = { ...REASON, required: false }

export const UNTIL: Flag = {
  name: 'until',
  value: 'DATE',
  parse: dayOrTime,
  about: { zh: '截止日期，到当天北京时间 24:00', en: 'last day, until 24:00 Beijing time' },
}

export const PULLS: Flag = {
  name: 'pulls',
  value: 'N',
  parse: wholeNumber(1),
  about: { zh: '最多调取次数（默认不限）', en: 'how many pulls at most (default: any number)' },
}

export const PURPOSE: Flag = {
  name: 'purpose',
  value: 'TEXT',
  about: { zh: '用途，逐字写入协议', en: 'what for; copied word for word into the agreement' },
}

export const OUT_DIR: Flag = {
  name: 'out',
  short: 'o',
  value: 'DIR',
  about: { zh: '写到这个目录', en: 'write into this folder' },
}

export const OUT_FILE: Flag = {
  name: 'out',
  short: 'o',
  value: 'FILE',
  required: true,
  about: { zh: '写到这个文件', en: 'write to this file' },
}

/** What the offline root key is to sign. */
export const PROPOSAL_FILE: Flag = {
  ...OUT_FILE,
  required: false,
  about: { zh: '待签文件写到这里', en: 'where what is to be signed is written' },
}

/** Of `init`. */
export const LISTENING: readonly Flag[] = [
  {
    name: 'ports',
    value: 'BASE',
    parse: wholeNumber(0),
    about: { zh: '从 BASE 起的连续端口；0：自动选取空闲端口', en: 'listen on BASE, BASE+1, …; 0: free ones' },
  },
  {
    name: 'host',
    value: 'ADDRESS',
    about: { zh: '监听地址（默认 127.0.0.1）', en: 'where to listen (default 127.0.0.1)' },
  },
]

/** Of a certificate for a person. */
export const PASSPHRASE_FILE: Flag = {
  name: 'passphrase-file',
  value: 'F',
  about: { zh: '口令文件；不给则生成并显示', en: 'file with the passphrase; without it one is made and shown' },
}
