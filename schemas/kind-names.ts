import type { Kind } from './kinds.ts'

/** Chinese names of the kinds of documents, one word for one thing; in English a kind's own name is read as it is. */
export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  root: '信任根文件',
  directory: '信任目录',
  status: '状态列表',
  admission: '准入文件',
  sponsorship: '担保书',
  'sponsorship-revocation': '担保撤销书',
  'certificate-request': '证书申请',
  'catalog-entry': '目录条目',
  tombstone: '撤回声明',
  manifest: '清单',
  request: '申请',
  offer: '还价',
  consent: '同意书',
  refusal: '拒绝书',
  decision: '共享中心决定',
  agreement: '协议',
  'agreement-change': '协议变更',
  'grant-request': '授权请求',
  grant: '授权凭证',
  'pull-order': '调取单',
  delivery: '交付回执',
  acknowledgement: '确认回执',
}
