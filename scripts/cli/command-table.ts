import type { Command } from './command.ts'
import { HUB_COMMANDS } from './commands-hub.ts'
import { CONSUMER_COMMANDS } from './commands-node-consumer.ts'
import { OWNER_COMMANDS } from './commands-node-owner.ts'
import { RUNNING_COMMANDS } from './commands-node-running.ts'
import { PKI_COMMANDS } from './commands-pki.ts'

/** Every command of the contract, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  ...HUB_COMMANDS,
  ...RUNNING_COMMANDS,
  ...OWNER_COMMANDS,
  ...CONSUMER_COMMANDS,
  ...PKI_COMMANDS,
]
