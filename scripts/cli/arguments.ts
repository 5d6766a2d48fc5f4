import type { Argument } from './command.ts'

export const DATASET: Argument = {
  name: 'dataset',
  about: { zh: '数据集：成员代码/标识', en: 'a dataset: member/slug' },
}

export const REQUEST: Argument = {
  name: 'request',
  about: { zh: '申请编号，可只写唯一的前几位', en: 'id of a request, or a unique prefix' },
}
