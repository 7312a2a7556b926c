/** The import graph of the checkout. */
import { importsOf, readSource, typeScriptFiles } from '../../house/sources.ts';

/** Direct imports by file, without type-only imports, which the type check covers. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

export function readImportGraph(): ImportGraph {
  return new Map(
    typeScriptFiles().map((file) => [
      file,
      importsOf(file, readSource(file)).flatMap(({ target, isLocal, typesOnly }) => (isLocal && !typesOnly ? [target] : [])),
    ]),
  );
}

/** Returns `targets` and the files that import any of them, directly or indirectly. */
export function findDependents(graph: ImportGraph, targets: Iterable<string>): Set<string> {
  const found = new Set(targets);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const [file, imports] of graph) if (imports.some((target) => found.has(target))) found.add(file);
  }
  return found;
}
