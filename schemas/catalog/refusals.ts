import { entry } from '../refusals/entry.ts'

/** The catalog model as rules: one code each. Basis: 发改经体〔2015〕2053号 with its clause, or the contract's META. */
export const CATALOG_REFUSALS = {
  META_INVALID: entry(422, '元数据不符合规范', 'The metadata do not fit their schema', '请按所指字段修正元数据文件', 'Mend the named field of the metadata file'),
  SLUG_INVALID: entry(422, '数据集短名不合规', 'The slug is malformed', '短名只用小写字母、数字和 . _ -，以字母或数字开头，最多 64 个字符', 'Use lower-case letters, digits and . _ -, beginning with a letter or digit, at most 64 characters'),
  SLUG_MISMATCH: entry(422, '短名与数据集编号不一致', 'The slug differs from the dataset id', '请升级发布软件', 'Upgrade the publishing software'),
  TEXT_INVALID: entry(422, '文字中有不可见或不允许的字符', 'A text has invisible or forbidden characters', '请去掉控制字符、零宽字符和方向字符，使用 NFC 规范形式', 'Remove control, zero-width and direction characters, and use Unicode NFC'),
  RESPONSIBLE_REQUIRED: entry(422, '必须写明责任单位', 'The responsible unit must be given', '请填写 responsible.unit', 'Fill in responsible.unit'),
  THEME_REQUIRED: entry(422, '第二类信息（行业发展基本情况）必须选择主题', 'Content class 2 needs a theme', '请填写 theme：八个主题之一或 other', 'Fill in theme: one of the eight, or other'),
  INDUSTRY_UNKNOWN: entry(422, '行业代码不在 GB/T 4754-2017 中', 'An industry code is not in GB/T 4754-2017', '请写门类字母加 2 至 4 位数字（如 C31、C3110），或留空', 'Write the section letter with 2 to 4 digits (C31, C3110), or leave it out'),
  REGION_UNKNOWN: entry(422, '行政区划代码不在 GB/T 2260 中', 'The region is not in GB/T 2260', '请写六位代码，全国为 100000', 'Write six digits; the whole country is 100000'),
  PERIOD_INVALID: entry(422, '所属时期不正确', 'The period covered is not valid', '请写年、季、月、周或日（如 2024、2024-Q1、2024-06、2024-06-30），起不晚于止', 'Write a year, quarter, month, week or day (2024, 2024-Q1, 2024-06, 2024-06-30), the first not after the last'),
  CLASSIFICATION_REFUSED: entry(422, '国家秘密不得进入本系统', 'State secrets are refused outright', '请勿上传；按保密规定处理，并检查是否已有副本流出', 'Do not upload it; handle it under the secrecy rules and see whether copies got out'),
  CLASSIFICATION_SHARING: entry(422, '商业秘密不能无条件共享', 'Confidential data cannot be shared unconditionally', '请改为有条件共享或不予共享', 'Share it conditionally or not at all'),
  SENSITIVE_SHARING: entry(422, '敏感数据不能无条件共享', 'Sensitive data cannot be shared unconditionally', '敏感数据须经两人审批，请改为有条件共享或不予共享', 'Sensitive data need two approvers: share them conditionally or not at all'),
  DISCLOSURE_WITHHELD: entry(422, '依法必须公开的信息不能限制', 'What must be disclosed by law cannot be withheld', '请把 classification 改为 public 并选择可共享的类型，或更正 legalBasis', 'Set classification to public and a sharing type other than none, or correct legalBasis'),
  OWNERS_REQUIRED: entry(422, '共有数据集至少要有两个所有者，其中包括发布者', 'JOINT needs at least two owners, the publisher among them', '请在 owners 中列出所有研发单位', 'List every developer in owners'),
  OWNERS_UNEXPECTED: entry(422, '只有共有数据集才列出所有者', 'Owners are listed for JOINT only', '请去掉 owners，或把 ownership 改为 JOINT', 'Remove owners, or set ownership to JOINT'),
  OWNER_INVALID: entry(422, '所有者的统一社会信用代码校验不通过', 'The 统一社会信用代码 of an owner fails its check digits', '请核对 owners 中的代码', 'Check the codes in owners'),
  PLATFORM_RESERVED: entry(422, '平台所有只能由平台管理机构（党政机关类成员）声明', "PLATFORM is for the platform's managing body (a member of class department)", '请把 ownership 改为 SOURCE 或 JOINT', 'Set ownership to SOURCE or JOINT'),
  PRICE_PHASE: entry(422, '建设阶段信息免费共享，不能定价', 'In the construction phase nothing has a price', '请去掉 price，待全面推广阶段再定价', 'Remove price until the roll-out phase'),
  PRICE_LEGAL_BASIS: entry(422, '必须公开或必须报送的信息不能定价', 'What must be disclosed or reported has no price', '请去掉 price', 'Remove price'),
  PRICE_CLASS: entry(422, '第一类信息（登记、公开、信用）免费共享，不能定价', 'Content class 1 never has a price', '请去掉 price', 'Remove price'),
  PRICE_INVALID: entry(422, '价格写法不正确', 'The price is malformed', '金额为大于零、最多两位小数的数，币种为三个大写字母（如 CNY）；免费则去掉 price', 'Give an amount above zero with at most two decimals and a currency of three capitals (CNY); leave price out where it is free'),
  PERMIT_REQUIRED: entry(422, '调查数据必须有依法取得的许可', 'Survey data (content class 3) need a permit', '请填写 permit：机关、文号、表号、有效期', 'Fill in permit: authority, number, form, until'),
  PERMIT_INVALID: entry(422, '许可的有效期不是日期', 'The end of the permit is not a date', '请按 YYYY-MM-DD 填写 permit.until', 'Write permit.until as YYYY-MM-DD'),
  PERMIT_EXPIRED: entry(422, '调查许可已过有效期', 'The permit has expired', '请取得新的许可后再发布', 'Publish again under a new permit'),
  SAMPLE_CLASSIFICATION: entry(422, '只有公开且不敏感的数据可以有公开样本', 'Only public data that are not sensitive may have a public sample', '请去掉 sample', 'Remove sample'),
  SAMPLE_SHARING: entry(422, '不予共享的数据集没有样本', 'A dataset that is not shared has no sample', '请去掉 sample', 'Remove sample'),
  SAMPLE_NOT_OPTED: entry(422, '样本超出所有者同意的范围', 'The sample exceeds what the owner agreed to', '请升级发布软件，或在 sample.rows 中写明行数', 'Upgrade the publishing software, or state the rows in sample.rows'),
  RELATION_INVALID: entry(422, '关联的数据集编号不正确', 'A related dataset id is malformed', '请写成 统一社会信用代码/短名', 'Write it as 统一社会信用代码/slug'),
  RELATION_SELF: entry(422, '数据集不能与自身关联', 'A dataset is not related to itself', '请去掉该关联', 'Remove that relation'),
} as const

/** Every code the catalog model refuses with. */
export type CatalogRefusalCode = keyof typeof CATALOG_REFUSALS
