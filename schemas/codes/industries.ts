import type { Label } from './label.ts'

/** Edition that META codes belong to; every code is kept with its edition. */
export const INDUSTRY_EDITION = 'GB/T 4754-2017'

/** Editions this build knows. A finer list (中类, 小类) can be imported beside it. */
export type IndustryEdition = typeof INDUSTRY_EDITION

/** 国民经济行业分类 GB/T 4754-2017, the 20 门类: letter, names (the English ones are our translation), first and last 大类. */
export const INDUSTRY_SECTIONS = {
  A: { zh: '农、林、牧、渔业', en: 'Agriculture, forestry, animal husbandry and fishery', from: 1, to: 5 },
  B: { zh: '采矿业', en: 'Mining', from: 6, to: 12 },
  C: { zh: '制造业', en: 'Manufacturing', from: 13, to: 43 },
  D: {
    zh: '电力、热力、燃气及水生产和供应业',
    en: 'Production and supply of electricity, heat, gas and water',
    from: 44,
    to: 46,
  },
  E: { zh: '建筑业', en: 'Construction', from: 47, to: 50 },
  F: { zh: '批发和零售业', en: 'Wholesale and retail trade', from: 51, to: 52 },
  G: { zh: '交通运输、仓储和邮政业', en: 'Transport, storage and post', from: 53, to: 60 },
  H: { zh: '住宿和餐饮业', en: 'Hotels and catering', from: 61, to: 62 },
  I: {
    zh: '信息传输、软件和信息技术服务业',
    en: 'Information transmission, software and information technology services',
    from: 63,
    to: 65,
  },
  J: { zh: '金融业', en: 'Finance', from: 66, to: 69 },
  K: { zh: '房地产业', en: 'Real estate', from: 70, to: 70 },
  L: { zh: '租赁和商务服务业', en: 'Leasing and business services', from: 71, to: 72 },
  M: { zh: '科学研究和技术服务业', en: 'Scientific research and technical services', from: 73, to: 75 },
  N: { zh: '水利、环境和公共设施管理业', en: 'Water conservancy, environment and public facilities', from: 76, to: 79 },
  O: { zh: '居民服务、修理和其他服务业', en: 'Household services, repair and other services', from: 80, to: 82 },
  P: { zh: '教育', en: 'Education', from: 83, to: 83 },
  Q: { zh: '卫生和社会工作', en: 'Health and social work', from: 84, to: 85 },
  R: { zh: '文化、体育和娱乐业', en: 'Culture, sports and entertainment', from: 86, to: 90 },
  S: {
    zh: '公共管理、社会保障和社会组织',
    en: 'Public administration, social security and social organisations',
    from: 91,
    to: 96,
  },
  T: { zh: '国际组织', en: 'International organisations', from: 97, to: 97 },
} as const

/** Letter of a 门类. */
export type IndustrySection = keyof typeof INDUSTRY_SECTIONS

/** The 97 大类 of GB/T 4754-2017. */
export const INDUSTRY_DIVISIONS = {
  '01': { zh: '农业', en: 'Crop farming' },
  '02': { zh: '林业', en: 'Forestry' },
  '03': { zh: '畜牧业', en: 'Animal husbandry' },
  '04': { zh: '渔业', en: 'Fishery' },
  '05': {
    zh: '农、林、牧、渔专业及辅助性活动',
    en: 'Support activities for agriculture, forestry, animal husbandry and fishery',
  },
  '06': { zh: '煤炭开采和洗选业', en: 'Mining and washing of coal' },
  '07': { zh: '石油和天然气开采业', en: 'Extraction of petroleum and natural gas' },
  '08': { zh: '黑色金属矿采选业', en: 'Mining and processing of ferrous metal ores' },
  '09': { zh: '有色金属矿采选业', en: 'Mining and processing of non-ferrous metal ores' },
  '10': { zh: '非金属矿采选业', en: 'Mining and processing of non-metal ores' },
  '11': { zh: '开采专业及辅助性活动', en: 'Support activities for mining' },
  '12': { zh: '其他采矿业', en: 'Other mining' },
  '13': { zh: '农副食品加工业', en: 'Processing of food from agricultural products' },
  '14': { zh: '食品制造业', en: 'Manufacture of foods' },
  '15': { zh: '酒、饮料和精制茶制造业', en: 'Manufacture of liquor, beverages and refined tea' },
  '16': { zh: '烟草制品业', en: 'Manufacture of tobacco' },
  '17': { zh: '纺织业', en: 'Manufacture of textiles' },
  '18': { zh: '纺织服装、服饰业', en: 'Manufacture of textile clothing and apparel' },
  '19': { zh: '皮革、毛皮、羽毛及其制品和制鞋业', en: 'Manufacture of leather, fur, feather products and footwear' },
  '20': {
    zh: '木材加工和木、竹、藤、棕、草制品业',
    en: 'Processing of timber, manufacture of wood, bamboo, rattan, palm and straw products',
  },
  '21': { zh: '家具制造业', en: 'Manufacture of furniture' },
  '22': { zh: '造纸和纸制品业', en: 'Manufacture of paper and paper products' },
  '23': { zh: '印刷和记录媒介复制业', en: 'Printing and reproduction of recording media' },
  '24': {
    zh: '文教、工美、体育和娱乐用品制造业',
    en: 'Manufacture of articles for culture, education, arts and crafts, sport and entertainment',
  },
  '25': { zh: '石油、煤炭及其他燃料加工业', en: 'Processing of petroleum, coal and other fuels' },
  '26': { zh: '化学原料和化学制品制造业', en: 'Manufacture of raw chemical materials and chemical products' },
  '27': { zh: '医药制造业', en: 'Manufacture of medicines' },
  '28': { zh: '化学纤维制造业', en: 'Manufacture of chemical fibres' },
  '29': { zh: '橡胶和塑料制品业', en: 'Manufacture of rubber and plastics products' },
  '30': { zh: '非金属矿物制品业', en: 'Manufacture of non-metallic mineral products' },
  '31': { zh: '黑色金属冶炼和压延加工业', en: 'Smelting and pressing of ferrous metals' },
  '32': { zh: '有色金属冶炼和压延加工业', en: 'Smelting and pressing of non-ferrous metals' },
  '33': { zh: '金属制品业', en: 'Manufacture of metal products' },
  '34': { zh: '通用设备制造业', en: 'Manufacture of general purpose machinery' },
  '35': { zh: '专用设备制造业', en: 'Manufacture of special purpose machinery' },
  '36': { zh: '汽车制造业', en: 'Manufacture of automobiles' },
  '37': {
    zh: '铁路、船舶、航空航天和其他运输设备制造业',
    en: 'Manufacture of railway, ship, aerospace and other transport equipment',
  },
  '38': { zh: '电气机械和器材制造业', en: 'Manufacture of electrical machinery and apparatus' },
  '39': {
    zh: '计算机、通信和其他电子设备制造业',
    en: 'Manufacture of computers, communication and other electronic equipment',
  },
  '40': { zh: '仪器仪表制造业', en: 'Manufacture of measuring instruments' },
  '41': { zh: '其他制造业', en: 'Other manufacturing' },
  '42': { zh: '废弃资源综合利用业', en: 'Utilisation of waste resources' },
  '43': { zh: '金属制品、机械和设备修理业', en: 'Repair of metal products, machinery and equipment' },
  '44': { zh: '电力、热力生产和供应业', en: 'Production and supply of electric power and heat' },
  '45': { zh: '燃气生产和供应业', en: 'Production and supply of gas' },
  '46': { zh: '水的生产和供应业', en: 'Production and supply of water' },
  '47': { zh: '房屋建筑业', en: 'Construction of buildings' },
  '48': { zh: '土木工程建筑业', en: 'Civil engineering' },
  '49': { zh: '建筑安装业', en: 'Construction installation' },
  '50': { zh: '建筑装饰、装修和其他建筑业', en: 'Building decoration, finishing and other construction' },
  '51': { zh: '批发业', en: 'Wholesale trade' },
  '52': { zh: '零售业', en: 'Retail trade' },
  '53': { zh: '铁路运输业', en: 'Railway transport' },
  '54': { zh: '道路运输业', en: 'Road transport' },
  '55': { zh: '水上运输业', en: 'Water transport' },
  '56': { zh: '航空运输业', en: 'Air transport' },
  '57': { zh: '管道运输业', en: 'Transport via pipelines' },
  '58': { zh: '多式联运和运输代理业', en: 'Multimodal transport and transport agents' },
  '59': { zh: '装卸搬运和仓储业', en: 'Cargo handling and storage' },
  '60': { zh: '邮政业', en: 'Post' },
  '61': { zh: '住宿业', en: 'Accommodation' },
  '62': { zh: '餐饮业', en: 'Catering' },
  '63': { zh: '电信、广播电视和卫星传输服务', en: 'Telecommunications, broadcasting and satellite transmission' },
  '64': { zh: '互联网和相关服务', en: 'Internet and related services' },
  '65': { zh: '软件和信息技术服务业', en: 'Software and information technology services' },
  '66': { zh: '货币金融服务', en: 'Monetary and financial services' },
  '67': { zh: '资本市场服务', en: 'Capital market services' },
  '68': { zh: '保险业', en: 'Insurance' },
  '69': { zh: '其他金融业', en: 'Other financial activities' },
  '70': { zh: '房地产业', en: 'Real estate' },
  '71': { zh: '租赁业', en: 'Leasing' },
  '72': { zh: '商务服务业', en: 'Business services' },
  '73': { zh: '研究和试验发展', en: 'Research and experimental development' },
  '74': { zh: '专业技术服务业', en: 'Professional technical services' },
  '75': { zh: '科技推广和应用服务业', en: 'Promotion and application of science and technology' },
  '76': { zh: '水利管理业', en: 'Management of water conservancy' },
  '77': { zh: '生态保护和环境治理业', en: 'Ecological protection and environmental management' },
  '78': { zh: '公共设施管理业', en: 'Management of public facilities' },
  '79': { zh: '土地管理业', en: 'Land management' },
  '80': { zh: '居民服务业', en: 'Household services' },
  '81': { zh: '机动车、电子产品和日用产品修理业', en: 'Repair of motor vehicles, electronics and household goods' },
  '82': { zh: '其他服务业', en: 'Other services' },
  '83': { zh: '教育', en: 'Education' },
  '84': { zh: '卫生', en: 'Health' },
  '85': { zh: '社会工作', en: 'Social work' },
  '86': { zh: '新闻和出版业', en: 'News and publishing' },
  '87': { zh: '广播、电视、电影和录音制作业', en: 'Radio, television, film and sound recording' },
  '88': { zh: '文化艺术业', en: 'Culture and arts' },
  '89': { zh: '体育', en: 'Sports' },
  '90': { zh: '娱乐业', en: 'Entertainment' },
  '91': { zh: '中国共产党机关', en: 'Organs of the Communist Party of China' },
  '92': { zh: '国家机构', en: 'State institutions' },
  '93': { zh: '人民政协、民主党派', en: "People's political consultative conferences and democratic parties" },
  '94': { zh: '社会保障', en: 'Social security' },
  '95': {
    zh: '群众团体、社会团体和其他成员组织',
    en: 'Mass organisations, social organisations and other membership organisations',
  },
  '96': { zh: '基层群众自治组织及其他组织', en: 'Grassroots self-governing and other organisations' },
  '97': { zh: '国际组织', en: 'International organisations' },
} as const satisfies Record<string, Label>

const CODE_SHAPE = /^([A-T])(?:(\d\d)\d{0,2})?$/

/** A 门类 letter, or the letter with 2 to 4 digits whose 大类 belongs to it. 中类 and 小类 are taken as they come. */
export function isIndustryCode(code: string, edition: IndustryEdition): boolean {
  const [, letter, division] = edition === INDUSTRY_EDITION ? (CODE_SHAPE.exec(code) ?? []) : []
  if (letter === undefined) return false
  return division === undefined || sectionOf(division) === letter
}

/** Letter of the 门类 that a two-digit 大类 belongs to. */
export function sectionOf(division: string): IndustrySection | undefined {
  if (!/^\d\d$/.test(division)) return undefined
  const number = Number(division)
  const found = Object.entries(INDUSTRY_SECTIONS).find(([, section]) => section.from <= number && number <= section.to)
  return found?.[0] as IndustrySection | undefined
}

/** What a person typed (`c31`, `3110`, `C3110`) as a code with its letter; left as it is when it is none. */
export function withSection(typed: string): string {
  const text = typed.trim().toUpperCase()
  return /^\d{2,4}$/.test(text) ? `${sectionOf(text.slice(0, 2)) ?? ''}${text}` : text
}

/** A code with those above it, widest first: C3110 → C, C31, C311, C3110. */
export function industryPath(code: string): readonly string[] {
  return [1, 3, 4, 5].filter((length) => length <= code.length).map((length) => code.slice(0, length))
}

/** Name of the 大类 (or 门类) that a code lies in. */
export function findIndustryLabel(code: string): Label | undefined {
  const division = code.slice(1, 3)
  if (Object.hasOwn(INDUSTRY_DIVISIONS, division))
    return INDUSTRY_DIVISIONS[division as keyof typeof INDUSTRY_DIVISIONS]
  return Object.hasOwn(INDUSTRY_SECTIONS, code) ? INDUSTRY_SECTIONS[code as IndustrySection] : undefined
}
