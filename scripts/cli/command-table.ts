import type { Command } from './command.ts'
import { HUB_COMMANDS } from './commands-hub.ts'
import { NODE_COMMANDS } from './commands-node.ts'
import { PKI_COMMANDS } from './commands-pki.ts'

/** Every command of the contract. */
export const COMMANDS: readonly Command[] = [...HUB_COMMANDS, ...NODE_COMMANDS, ...PKI_COMMANDS]
