/** Writes the gate for pages: npx tsx examples/script-gate/build.ts antichambre-gate.js */
import { writeFileSync } from 'node:fs'
import { scriptGate } from '../../lib/gate/script/build.ts'

const [file = 'antichambre-gate.js'] = process.argv.slice(2)
if (file.startsWith('-')) {
  throw new Error('say where to: npx tsx examples/script-gate/build.ts FILE')
}
writeFileSync(file, scriptGate())
