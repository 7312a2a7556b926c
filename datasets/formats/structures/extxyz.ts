/** Plain or extended xyz (github.com/libAtoms/extxyz): frames of a count, a comment and atoms. */
import { isElement } from './elements.ts';
import type { FrameBlock } from './frame-blocks.ts';
import { type FramePosition, structuresInvalid } from './frame-errors.ts';
import { cellVolume } from './vectors.ts';

/** Matches the names of files of structures: any number of frames of atoms, not an array. */
export const STRUCTURES_FILE = /\.(xyz|extxyz)$/i;

export interface Frame extends FramePosition {
  readonly species: readonly string[];
  /** [atoms, 3], in angstrom by convention. */
  readonly positions: Float64Array;
  /** Three vectors [3, 3]; null where the comment has none. */
  readonly lattice: Float64Array | null;
  /** Vectors of the lattice along which the structure repeats. */
  readonly periodic: readonly [boolean, boolean, boolean];
  /** Keys of the comment line, without quotes. */
  readonly values: ReadonlyMap<string, string>;
}

/** Columns in the line of an atom. */
interface Layout {
  readonly species: number;
  readonly position: number;
  /** Number of columns; null where more may follow, as in plain xyz. */
  readonly width: number | null;
}

/** Keys of the comment line that the format defines. */
export const FORMAT_KEYS: readonly string[] = ['Lattice', 'Properties', 'pbc'];

const PLAIN: Layout = { species: 0, position: 1, width: null };

/** Yields the frames of a block. Throws NarrowsError `structures-invalid` with the line. */
export function* parseFrames({ bytes, frame, line }: FrameBlock, file: string): Generator<Frame> {
  const lines = new TextDecoder().decode(bytes).split('\n');
  let number = frame;
  for (let at = 0; at < lines.length; number++) {
    while (at < lines.length && lines[at]?.trim() === '') at++;
    if (at === lines.length) return;
    const atoms = Number(lines[at]);
    yield parseFrame(lines, at, atoms, { file, number, line: line + at });
    at += atoms + 2;
  }
}

function parseFrame(lines: readonly string[], at: number, atoms: number, place: FramePosition): Frame {
  const comment = readComment(lines[at + 1] ?? '');
  const { species: label, position, width } = readLayout(comment, place);
  const species: string[] = [];
  const positions = new Float64Array(atoms * 3);
  for (let atom = 0; atom < atoms; atom++) {
    const fields = (lines[at + 2 + atom] as string).trim().split(/\s+/);
    const fault = (why: string, fix?: string) => structuresInvalid(place, `atom ${atom}: ${why}`, fix, place.line + 2 + atom);
    if (width === null ? fields.length < 4 : fields.length !== width) {
      const wanted = width === null ? 'an element and three positions are needed' : `Properties names ${width}`;
      throw fault(`its line has ${fields[0] === '' ? 0 : fields.length} columns; ${wanted}`);
    }
    const symbol = fields[label] as string;
    if (!isElement(symbol))
      throw fault(`"${symbol}" is not a valid element symbol`, 'write symbols as in the periodic table: H, O, Ge');
    species.push(symbol);
    for (let axis = 0; axis < 3; axis++) {
      const text = fields[position + axis] as string;
      const value = Number(text);
      if (!Number.isFinite(value)) throw fault(`its position is not a valid number: "${text}"`);
      positions[atom * 3 + axis] = value;
    }
  }
  return { ...place, species, positions, ...readLattice(comment, place), values: comment };
}

/** Parses key=value pairs, with values in quotes, brackets or braces; ignores other words. */
function readComment(text: string): Map<string, string> {
  const pairs = /(?:"([^"]*)"|([^\s="]+))\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|\{([^}]*)\}|\[([^\]]*)\]|(\S+))/g;
  const values = new Map<string, string>();
  for (const [, quotedKey, key, quoted, ...others] of text.matchAll(pairs)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? others.find((other) => other !== undefined);
    values.set((quotedKey ?? key) as string, value as string);
  }
  // Keys of the format are found in any case: a missed lattice would turn a crystal into a cluster.
  for (const [key, value] of values) {
    const known = FORMAT_KEYS.find((name) => name.toLowerCase() === key.toLowerCase());
    if (known !== undefined && known !== key) values.set(known, value);
  }
  return values;
}

function readLayout(comment: ReadonlyMap<string, string>, place: FramePosition): Layout {
  const text = comment.get('Properties');
  if (text === undefined) return PLAIN;
  const fault = (why: string) =>
    structuresInvalid(
      place,
      `Properties: ${why}`,
      'Properties=species:S:1:pos:R:3, and further columns as name:type:count, with the types S, R, I and L',
      place.line + 1,
    );
  const parts = text.split(':');
  if (parts.length % 3 !== 0) throw fault(`it is not a valid list of name:type:count: "${text}"`);
  const found = new Map<string, number>();
  let width = 0;
  for (let i = 0; i < parts.length; i += 3) {
    const [name, type, count] = parts.slice(i, i + 3) as [string, string, string];
    if (!/^[SRIL]$/.test(type)) throw fault(`the column ${name} has the unknown type "${type}"`);
    if (!/^[1-9]\d*$/.test(count)) throw fault(`the column ${name} has the width "${count}"`);
    found.set(`${name}:${type}:${count}`, width);
    width += Number(count);
  }
  const [species, position] = ['species:S:1', 'pos:R:3'].map((column) => {
    const at = found.get(column);
    if (at === undefined) throw fault(`the column ${column} is missing`);
    return at;
  }) as [number, number];
  return { species, position, width };
}

function readLattice(comment: ReadonlyMap<string, string>, place: FramePosition): Pick<Frame, 'lattice' | 'periodic'> {
  const fault = (why: string, fix?: string) => structuresInvalid(place, why, fix, place.line + 1);
  const flags = comment.get('pbc');
  const vectors = comment.get('Lattice');
  const words = flags?.trim().split(/[\s,]+/) ?? Array<string>(3).fill(vectors === undefined ? 'F' : 'T');
  const periodic = words.map((word) => (/^(T|true|1)$/i.test(word) ? true : /^(F|false|0)$/i.test(word) ? false : null));
  if (periodic.length !== 3 || periodic.includes(null)) throw fault(`pbc is "${flags}"`, 'three of T and F: pbc="T T T"');
  if (vectors === undefined) {
    if (periodic.includes(true)) {
      throw fault('it is periodic (pbc) but has no Lattice', 'add Lattice="ax ay az bx by bz cx cy cz", or pbc="F F F"');
    }
    return { lattice: null, periodic: [false, false, false] };
  }
  const lattice = Float64Array.from(vectors.trim().split(/[\s,]+/), Number);
  if (lattice.length !== 9 || !lattice.every(Number.isFinite)) {
    throw fault(`its Lattice is "${vectors}"`, 'nine numbers: Lattice="ax ay az bx by bz cx cy cz"');
  }
  if (!(Math.abs(cellVolume(lattice)) > 0)) throw fault('the three vectors of its Lattice are coplanar');
  return { lattice, periodic: periodic as [boolean, boolean, boolean] };
}
