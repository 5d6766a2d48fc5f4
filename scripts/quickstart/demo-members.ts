/** The demo's organisations: user-defined codes of GB 11714 (PDY zone), so that nobody real is impersonated. */
export const MEMBERS = [
  { folder: 'manufacturing', uscc: '51100000PDY00001X3', name: '示例制造业协会', class: 'association', basePort: 7543 },
  { folder: 'construction', uscc: '51100000PDY0000283', name: '示例建筑业协会', class: 'association', basePort: 7553 },
  { folder: 'commerce', uscc: '51100000PDY000036X', name: '示例商贸流通协会', class: 'association', basePort: 7563 },
  { folder: 'ministry', uscc: '11100000PDY0090060', name: '示例主管部门', class: 'department', basePort: 7573 },
] as const

export type DemoMember = (typeof MEMBERS)[number]

/** Who works at the hub; no one holds all roles. */
export const OPERATORS = [
  { name: '王登记', role: 'registrar' },
  { name: '李审批', role: 'approver' },
  { name: '孙审计', role: 'auditor' },
  { name: '赵管理', role: 'administrator' },
] as const

export const REGISTRAR = OPERATORS[0].name
export const APPROVER = OPERATORS[1].name
/** Who opens the demo's node console. */
export const STAFF = '周统计'

const MARK =
  '模拟数据：由公开的劳动统计改编，月份已平移，仅供演示。Simulated data adapted from public labour statistics, months moved.'

/** What each association publishes: one as UTF-8 CSV, one as GB18030 CSV, one as XLSX. */
export const DATASETS = [
  {
    folder: 'manufacturing',
    file: '制造业月度从业人数.csv',
    format: 'gb18030',
    columns: { manufacturing: '制造业', durable_goods: '耐用品制造', nondurable_goods: '非耐用品制造' },
    series: 'Manufacturing',
    meta: {
      slug: 'manufacturing-workforce',
      title: { zh: '制造业月度从业人数与失业率（模拟数据）', en: 'Manufacturing workforce, monthly (simulated data)' },
      theme: 'workforce',
      industries: ['C'],
      sharing: 'unconditional',
      keywords: ['制造业', '从业人数', '失业率'],
      sample: { rows: 5 },
    },
  },
  {
    folder: 'construction',
    file: '建筑业月度从业人数.xlsx',
    format: 'xlsx',
    columns: { construction: '建筑业' },
    series: 'Construction',
    meta: {
      slug: 'construction-workforce',
      title: { zh: '建筑业月度从业人数与失业率（模拟数据）', en: 'Construction workforce, monthly (simulated data)' },
      theme: 'workforce',
      industries: ['E'],
      sharing: 'conditional',
      keywords: ['建筑业', '从业人数', '失业率'],
    },
  },
  {
    folder: 'commerce',
    file: '批发零售月度从业人数.csv',
    format: 'utf-8',
    columns: { wholesale_trade: '批发业', retail_trade: '零售业' },
    series: 'Wholesale and Retail Trade',
    meta: {
      slug: 'commerce-workforce',
      title: {
        zh: '批发零售业月度从业人数与失业率（模拟数据）',
        en: 'Wholesale and retail workforce, monthly (simulated data)',
      },
      theme: 'circulation',
      industries: ['F'],
      sharing: 'conditional',
      keywords: ['批发', '零售', '从业人数'],
    },
  },
] as const

export type DemoDataset = (typeof DATASETS)[number]

/** META of a demo dataset (contract, META) for the months its rows cover. */
export function metaOf({ meta }: DemoDataset, period: { from: string; to: string }): object {
  return {
    ...meta,
    description: { zh: MARK, en: MARK },
    contentClass: 2,
    region: '100000',
    period,
    periodicity: 'monthly',
    ownership: 'SOURCE',
    audience: ['association', 'department'],
    responsible: { unit: '信息部', person: '示例联系人', contact: 'data@example.org' },
  }
}
