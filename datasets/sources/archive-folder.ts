/**
 * The dataset folder in a zip archive, read where it is: neither its size nor its content is
 * trusted. Files that are read in order are never written to the disk.
 */
import { open } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import { NarrowsError } from '../../errors.ts';
import { type FileSource, isWithin, outsideError, readPieces } from '../files/file-source.ts';
import { matchNames } from '../files/patterns.ts';
import { withDiskErrors } from '../files/scratch.ts';
import { type Member, openZip, type ZipArchive, ZipError } from '../files/zip.ts';
import { MANIFEST } from '../manifest-name.ts';
import { refused, requireName, SHARD_LIMITS, tooLargeError } from './shard-files.ts';

/** Each takes an entry of a list, however small it is. */
const MAX_MEMBERS = 200_000;

/** Most bytes that deflate makes of one: RFC 1951 copies up to 258 bytes with 2 bits. */
const MAX_DEFLATION = 1032;

export interface ArchiveFolder extends FileSource, AsyncDisposable {
  /** Files of the archive, with the bytes that they unpack to. */
  readonly members: readonly Pick<Member, 'name' | 'bytes'>[];
}

/**
 * Opens the folder with the manifest. Copies of files that are read in any order are put into
 * `directory`. Throws NarrowsError `archive-damaged`, `archive-too-large`, `manifest-missing`,
 * `shard-refused`.
 */
export async function openArchiveFolder(archive: string, directory: string, maxBytes: number): Promise<ArchiveFolder> {
  const zip = await openZip(archive).catch(rethrow);
  try {
    const files = zip.members.filter(({ name }) => !name.endsWith('/'));
    // Some programs write "./X.npy".
    const members = files.map((member) => ({ ...member, name: posix.normalize(member.name) }));
    requireSound(zip, members, maxBytes);
    return folderOf(zip, members, { path: resolve(archive), directory, root: findRoot(members) });
  } catch (error) {
    await zip[Symbol.asyncDispose]();
    throw error;
  }
}

function folderOf(
  zip: ZipArchive,
  members: readonly Member[],
  { path, directory, root }: { readonly path: string; readonly directory: string; readonly root: string },
): ArchiveFolder {
  const files = new Map(members.map((member) => [member.name, member]));
  const names = [...files.keys()].filter((name) => name.startsWith(root)).map((name) => name.slice(root.length));
  const copies = new Map<string, string>();
  const describe = (file: string) => {
    if (!isWithin(file)) throw outsideError(file);
    return posix.normalize(file);
  };
  const find = (file: string): Member => {
    const member = files.get(root + describe(file));
    if (member !== undefined) return member;
    throw new NarrowsError('file-missing', `the archive has no file ${file}`, { path: file });
  };
  async function* unpack(file: string): AsyncGenerator<Uint8Array> {
    try {
      yield* zip.read(find(file));
    } catch (error) {
      rethrow(error);
    }
  }
  return {
    path,
    name: 'the archive',
    members,
    describe,
    find: async (pattern) => matchNames(names, pattern),
    pieces(file) {
      const copy = copies.get(file);
      return copy === undefined ? unpack(file) : readPieces(copy);
    },
    // Nobody else writes to the archive.
    state: async (file) => String(find(file).offset),
    async locate(file) {
      const copy = copies.get(file) ?? join(directory, `member-${copies.size}`);
      if (!copies.has(file)) await withDiskErrors(directory, () => writePieces(copy, unpack(file)));
      copies.set(file, copy);
      return copy;
    },
    [Symbol.asyncDispose]: () => zip[Symbol.asyncDispose](),
  };
}

async function writePieces(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  for await (const piece of pieces) await file.writeFile(piece);
}

/** Throws for names that no folder may have, and sizes that the bytes of the archive belie. */
function requireSound({ size }: ZipArchive, members: readonly Member[], maxBytes: number): void {
  if (members.length === 0) throw damagedError('it contains no file');
  if (members.length > MAX_MEMBERS) {
    throw new NarrowsError('archive-too-large', `the archive has more than ${MAX_MEMBERS} files`, {
      fix: 'split it into several shards',
    });
  }
  const names = new Set<string>();
  let [packed, bytes] = [0, 0];
  for (const member of members) {
    const { name } = member;
    if (!/^[^/\\\p{Cc}][^\\\p{Cc}]*$/u.test(name) || !isWithin(name)) {
      throw damagedError(`its member name "${name}" is not allowed`);
    }
    requireName(name);
    if (name.split('/').length > SHARD_LIMITS.depth + 1) {
      throw refused(`${name} is a file within too many folders`, name, 'use fewer levels');
    }
    if (names.has(name)) throw damagedError(`it has two members "${name}"`);
    names.add(name);
    packed += member.packed;
    bytes += member.bytes;
    // Otherwise a few bytes could claim bounds that they do not have.
    if (member.bytes > MAX_DEFLATION * member.packed) throw damagedError(`its member ${name} cannot have ${member.bytes} bytes`);
  }
  if (packed > size) throw damagedError('its members overlap');
  if (bytes > maxBytes) throw tooLargeError('what the archive unpacks to', maxBytes);
}

/** Returns the folder of the shallowest manifest, with a slash behind it; '' at the top. */
function findRoot(members: readonly Member[]): string {
  const manifests = members.map(({ name }) => name).filter((name) => name === MANIFEST || name.endsWith(`/${MANIFEST}`));
  const [shallowest] = manifests.sort((a, b) => a.split('/').length - b.split('/').length);
  if (shallowest !== undefined) return shallowest.slice(0, -MANIFEST.length);
  throw new NarrowsError('manifest-missing', `the archive contains no ${MANIFEST}`, { path: MANIFEST });
}

/** Turns faults of the archive into NarrowsErrors. */
function rethrow(error: unknown): never {
  throw error instanceof ZipError ? damagedError(error.message) : error;
}

const damagedError = (why: string) =>
  new NarrowsError('archive-damaged', `the archive cannot be unpacked: ${why}`, { fix: 'create it again as a zip file' });
