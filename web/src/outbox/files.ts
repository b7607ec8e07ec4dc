// Files that an answer refers to: before a file is with Core, `device:<id>` stands for its path.
import { localFileId } from '../device/file'

/** The ids of the device's files that a value refers to, each once, as they come. */
export function filesIn(value: unknown, found: Set<string> = new Set()): Set<string> {
  if (typeof value === 'string') {
    const id = localFileId(value)
    if (id !== undefined) found.add(id)
  } else if (value && typeof value === 'object') {
    for (const inner of Object.values(value)) filesIn(inner, found)
  }
  return found
}

/** The same value with Core's paths in place of the device's, where they are known. */
export function withPaths<T>(value: T, files: { id: string; path?: string }[]): T {
  const paths = new Map(files.map((file) => [file.id, file.path]))
  const replaced = (inner: unknown): unknown => {
    if (typeof inner === 'string') return paths.get(localFileId(inner) ?? '') ?? inner
    if (Array.isArray(inner)) return inner.map(replaced)
    if (!inner || Object.getPrototypeOf(inner) !== Object.prototype) return inner
    return Object.fromEntries(Object.entries(inner).map(([name, value]) => [name, replaced(value)]))
  }
  return replaced(value) as T
}
