/** Packages of a lock file, as npm lays them out in folders. */

/** The parts of package-lock.json that name who needs whom. */
export interface LockFile {
  /** By folder, relative to the root; '' is the root itself. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/**
 * Returns the folders of the packages that the root's dependencies need, directly or not, where
 * packages of the names `omitted` are left out. Optional dependencies of the root do not count.
 */
export function findNeededPackages({ packages }: LockFile, omitted: ReadonlySet<string>): Set<string> {
  const needed = new Set<string>();
  const follow = (folder: string, names: readonly string[]): void => {
    for (const name of names) {
      const found = omitted.has(name) ? null : resolvePackage(packages, folder, name);
      if (found === null || needed.has(found)) continue;
      needed.add(found);
      follow(found, namesOf(packages[found] ?? {}));
    }
  };
  follow('', Object.keys(packages['']?.dependencies ?? {}));
  return needed;
}

/** Returns the names that a package may load; optional peers are there for others, if at all. */
function namesOf({
  dependencies = {},
  optionalDependencies = {},
  peerDependencies = {},
  peerDependenciesMeta = {},
}: LockedPackage): string[] {
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...peers];
}

/** Returns the folder in which Node finds the package from another's folder; null: nowhere. */
function resolvePackage(packages: LockFile['packages'], folder: string, name: string): string | null {
  for (let above: string | null = folder; above !== null; above = folderAbove(above)) {
    const candidate = above === '' ? `node_modules/${name}` : `${above}/node_modules/${name}`;
    if (candidate in packages) return candidate;
  }
  return null;
}

/** Returns the folder of the package that contains this one; null for the root. */
function folderAbove(folder: string): string | null {
  if (folder === '') return null;
  const end = folder.lastIndexOf('/node_modules/');
  return end === -1 ? '' : folder.slice(0, end);
}
