#!/usr/bin/env node
/** The program `holdfast`, also `npx @holdfast/core`. */
import { keygen } from './keygen.ts'

const USAGE = `Usage: npx @holdfast/core keygen    prints a new secret for the option \`keys\`\n`

const [command, ...rest] = process.argv.slice(2)
if (command === 'keygen' && rest.length === 0) {
  process.stdout.write(`${keygen()}\n`)
} else if (command === undefined || command === '--help' || command === 'help') {
  process.stdout.write(USAGE)
} else {
  process.stderr.write(`There is no command \`${process.argv.slice(2).join(' ')}\`.\n${USAGE}`)
  process.exitCode = 2
}
