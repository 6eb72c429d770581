import { readFileSync, writeFileSync } from 'node:fs'
import { readExport } from '@/lib/discovery/read-export'

/**
 * `npm run providers:update -- <file>`: makes `lib/discovery/providers/ispdb.json` again from an export of Mozilla's autoconfig
 * database (https://github.com/thunderbird/autoconfig, MPL-2.0): `{ source, providers: [{ id, name, domains, outgoing }] }`.
 * What is missing there is in `own.json`, kept by hand.
 */
const [file] = process.argv.slice(2)
if (!file) throw new Error('Say which file: npm run providers:update -- mail-providers.json')
const target = 'lib/discovery/providers/ispdb.json'
const { text, providers, domains } = readExport(JSON.parse(readFileSync(file, 'utf8')))
writeFileSync(target, text)
console.log(`${target}: ${providers} providers, ${domains} domains`)
