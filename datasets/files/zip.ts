/** Reads members of a zip archive, stored or deflated, of any size, in pieces. */
import { type FileHandle, open } from 'node:fs/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { release } from './chunks.ts';

export interface Member {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  /** Bytes in the archive, and after unpacking. */
  readonly packed: number;
  readonly bytes: number;
  /** Position of its own header. */
  readonly offset: number;
}

const SIGNATURE = { member: 0x04034b50, entry: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 } as const;
/** Bytes read, and unpacked, at once. */
const PIECE_BYTES = 2 ** 18;
const STORED = 0;
const DEFLATED = 8;
/** Longest end of the directory: with a comment of maximum length. */
const MAX_END = 22 + 0xffff;
/** Value of a 32-bit field whose number is in a 64-bit field elsewhere. */
const IN_64_BITS = 0xffffffff;

/** A fault of an archive; the message continues its name. */
export class ZipError extends Error {}

export interface ZipArchive extends AsyncDisposable {
  /** Bytes of the archive. */
  readonly size: number;
  readonly members: readonly Member[];
  /** Returns the bytes of a member; a piece is valid until the next is requested. */
  read(member: Member): AsyncGenerator<Uint8Array>;
}

/** Throws ZipError for a corrupt or unsupported archive; so does reading. */
export async function openZip(path: string): Promise<ZipArchive> {
  const file = await open(path);
  try {
    const [members, { size }] = [await readDirectory(file), await file.stat()];
    return { size, members, read: (member) => readMember(file, member), [Symbol.asyncDispose]: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Returns the bytes of the chosen member: see openZip. */
export async function* readZipMember(path: string, choose: (names: readonly string[]) => string): AsyncGenerator<Uint8Array> {
  await using archive = await openZip(path);
  const name = choose(archive.members.map((member) => member.name));
  yield* archive.read(archive.members.find((candidate) => candidate.name === name) as Member);
}

async function* readMember(file: FileHandle, member: Member): AsyncGenerator<Uint8Array> {
  const { name } = member;
  let [crc, bytes] = [0, 0];
  for await (const piece of unpackMember(file, member)) {
    crc = crc32(piece, crc);
    bytes += piece.length;
    yield piece;
    // The inflater goes on writing to a buffer that it has not filled; stored pieces share one.
    if (member.method !== STORED && piece.byteOffset + piece.length === piece.buffer.byteLength) release(piece.buffer);
  }
  if (crc !== member.crc || bytes !== member.bytes) throw new ZipError(`its member ${name} is corrupt: size or checksum differ`);
}

async function* unpackMember(file: FileHandle, { name, offset: at, packed, method }: Member): AsyncGenerator<Uint8Array> {
  const header = await readBytes(file, at, 30);
  if (header.getUint32(0, true) !== SIGNATURE.member) throw new ZipError(`its member ${name} is not at its position`);
  const raw = readPieces(file, at + 30 + header.getUint16(26, true) + header.getUint16(28, true), packed);
  if (method === STORED) yield* raw;
  else if (method !== DEFLATED) throw new ZipError(`the compression method ${method} of its member ${name} is not supported`);
  else {
    try {
      yield* inflate(raw);
    } catch (error) {
      throw error instanceof ZipError
        ? error
        : new ZipError(`its member ${name} cannot be unpacked: ${(error as Error).message}`);
    }
  }
}

/** Requests a piece when the inflater has used the one before. */
async function* inflate(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflater = createInflateRaw({ chunkSize: PIECE_BYTES });
  // A write that was under way when it closed is never answered.
  const closed = new Promise<void>((resolve) => inflater.once('close', resolve));
  const feed = async () => {
    for await (const piece of packed) {
      await Promise.race([new Promise((used) => inflater.write(piece, used)), closed]);
      if (inflater.destroyed) return;
    }
    inflater.end();
  };
  // Errors are thrown where its output is read.
  const fed = feed().catch((error) => void inflater.destroy(error));
  try {
    yield* inflater as AsyncIterable<Uint8Array>;
  } finally {
    inflater.destroy();
    await fed;
  }
}

/** Yields pieces of one buffer: new buffers are freed late and accumulate. */
async function* readPieces(file: FileHandle, from: number, length: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, length));
  for (let done = 0; done < length; done += PIECE_BYTES) {
    const piece = buffer.subarray(0, Math.min(PIECE_BYTES, length - done));
    await fill(file, piece, from + done);
    yield piece;
  }
}

async function readBytes(file: FileHandle, from: number, length: number): Promise<DataView<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  await fill(file, bytes, from);
  return new DataView(bytes.buffer);
}

async function fill(file: FileHandle, bytes: Uint8Array, from: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, from + done);
    if (bytesRead === 0) throw new ZipError(`it ends at byte ${from + done}`);
    done += bytesRead;
  }
}

async function readDirectory(file: FileHandle): Promise<Member[]> {
  const { size } = await file.stat();
  const from = Math.max(0, size - MAX_END);
  const last = await readBytes(file, from, size - from);
  let end = last.byteLength - 22;
  while (end >= 0 && last.getUint32(end, true) !== SIGNATURE.end) end--;
  if (end < 0) throw new ZipError('it has no directory at its end');
  let [entries, bytes, at] = [last.getUint16(end + 10, true), last.getUint32(end + 12, true), last.getUint32(end + 16, true)];
  if (end >= 20 && last.getUint32(end - 20, true) === SIGNATURE.locator64) {
    const wide = await readBytes(file, requireWithin(readUint64(last, end - 12), 56, size), 56);
    if (wide.getUint32(0, true) !== SIGNATURE.end64) throw new ZipError('it has no directory at its end');
    [entries, bytes, at] = [readUint64(wide, 32), readUint64(wide, 40), readUint64(wide, 48)];
  }
  const directory = await readBytes(file, requireWithin(at, bytes, size), bytes);
  const members: Member[] = [];
  for (let next = 0; members.length < entries; ) {
    if (next + 46 > bytes || directory.getUint32(next, true) !== SIGNATURE.entry) throw new ZipError('its directory is corrupt');
    const field = (offset: number) => directory.getUint16(next + offset, true);
    const [name, extra, comment] = [field(28), field(30), field(32)];
    const whole = next + 46 + name + extra + comment;
    if (whole > bytes) throw new ZipError('its directory is corrupt');
    members.push(parseMember(directory, next, name, extra));
    next = whole;
  }
  return members;
}

function parseMember(directory: DataView<ArrayBuffer>, at: number, name: number, extra: number): Member {
  const start = at + 46;
  const fields = new DataView(directory.buffer, start + name, extra);
  const field = (offset: number) => directory.getUint32(at + offset, true);
  let [packed, bytes, offset] = [field(20), field(24), field(42)];
  for (let next = 0; next + 4 <= extra; next += 4 + fields.getUint16(next + 2, true)) {
    if (fields.getUint16(next, true) !== 1) continue;
    // The 64-bit values of those of the three that are not in 32 bits, in this order.
    let from = next + 4;
    const wide = (value: number) => {
      if (value !== IN_64_BITS || from + 8 > extra) return value;
      from += 8;
      return readUint64(fields, from - 8);
    };
    [bytes, packed, offset] = [wide(bytes), wide(packed), wide(offset)];
  }
  return {
    name: new TextDecoder().decode(new Uint8Array(directory.buffer, start, name)),
    method: directory.getUint16(at + 10, true),
    crc: directory.getUint32(at + 16, true),
    packed,
    bytes,
    offset,
  };
}

const readUint64 = (view: DataView, at: number) => Number(view.getBigUint64(at, true));

function requireWithin(from: number, length: number, size: number): number {
  if (from + length > size) throw new ZipError('its directory is beyond its end');
  return from;
}
