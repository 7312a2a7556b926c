/** Which files of the checkout depend on which, by their imports. */
import { importsOf, readSource, typeScriptFiles } from '../../house/sources.ts';

/** Direct imports by file, types left out: what a change of a type breaks, the checks find. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

export function readImportGraph(): ImportGraph {
  return new Map(
    typeScriptFiles().map((file) => [
      file,
      importsOf(file, readSource(file)).flatMap(({ target, isLocal, typesOnly }) => (isLocal && !typesOnly ? [target] : [])),
    ]),
  );
}

/**
 * Returns the files that import any of `targets`, directly or through others, and the targets
 * themselves.
 */
export function findDependents(graph: ImportGraph, targets: Iterable<string>): Set<string> {
  const found = new Set(targets);
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const [file, imports] of graph) if (imports.some((target) => found.has(target))) found.add(file);
  }
  return found;
}
