/** Writes the gate for pages: npx tsx examples/script-gate/build.ts antichambre-gate.js */
import { writeFileSync } from 'node:fs'
import { scriptGate } from '../../lib/gate/script/build.ts'

const [file = 'antichambre-gate.js'] = process.argv.slice(2)
writeFileSync(file, scriptGate())
