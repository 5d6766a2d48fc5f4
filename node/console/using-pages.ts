import { applyPages } from './apply.ts'
import { casePages } from './case.ts'
import { foundPages } from './dataset-found.ts'
import { findPages } from './find.ts'
import { healthPages } from './health.ts'
import { memberPages } from './members.ts'
import type { NodePages, NodePagesDeps } from './node-pages.ts'
import { openResultPages } from './open-result.ts'
import { pullPages } from './pull.ts'
import { pullsPages } from './pulls.ts'
import { receiptPages } from './receipt.ts'
import { receiptsPages } from './receipts.ts'
import { requestsPages } from './requests.ts'
import { saveResultPages } from './save-result.ts'
import { sponsorshipPages } from './sponsorships.ts'
import { staffPages } from './staff.ts'

/** Finding, asking, pulling, keeping, and how the node is: one group per matter. */
export const usingPages: readonly ((pages: NodePages, deps: NodePagesDeps) => void)[] = [
  findPages,
  foundPages,
  applyPages,
  requestsPages,
  casePages,
  pullsPages,
  pullPages,
  openResultPages,
  saveResultPages,
  receiptsPages,
  receiptPages,
  memberPages,
  sponsorshipPages,
  healthPages,
  staffPages,
]
