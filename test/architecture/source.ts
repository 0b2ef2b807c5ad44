/** The source as the rules of this folder read it: its files, and what each imports. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export const sources = ['lib', 'functions', 'bin'].flatMap(folder => filesIn(folder))
export const modules = sources.filter(isModule)

/** Is it a file of code? */
export function isModule(path: string): boolean {
  return /\.(?:ts|js|mjs)$/.test(path)
}

/** Files of a folder, with paths from the root. */
export function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => posix.join(entry.parentPath.slice(root.length + 1), entry.name))
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

export function targetOf(path: string, name: string): string {
  return name.startsWith('.') ? posix.join(posix.dirname(path), name) : name
}

export function importsOf(path: string): string[] {
  return importsIn(read(path))
}

/** What a module imports or exports from, types included. Imports start their line by Biome's format. */
export function importsIn(text: string): string[] {
  const forms = [
    /^(?:import|export)\b[^'"`;]{0,4000}?\bfrom '([^']+)'/gm,
    /^import '([^']+)'/gm,
    /\bimport\(\s*'([^']+)'/g,
  ]
  return forms.flatMap(form => [...text.matchAll(form)].map(match => match[1] ?? ''))
}

/** `lib/queue`, `functions`, ...: the part that a file belongs to. */
export function partOf(path: string): string {
  const [top = '', next = ''] = path.split('/')
  return top === 'lib' ? `${top}/${next}` : top
}
