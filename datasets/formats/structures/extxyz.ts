/** Plain or extended xyz (github.com/libAtoms/extxyz): frames of a count, a comment and atoms. */
import { findUnreadCell, readComment } from './comment.ts';
import { readElement } from './elements.ts';
import type { Frame } from './frame.ts';
import type { FrameBlock } from './frame-blocks.ts';
import { type FramePosition, structuresInvalid } from './frame-errors.ts';
import { readLattice } from './lattice.ts';
import { readReal } from './numbers.ts';

/** Columns in the line of an atom. */
interface Layout {
  readonly species: number;
  readonly position: number;
  readonly tags: number | null;
  /** Number of columns; null where more may follow, as in plain xyz. */
  readonly width: number | null;
}

const PLAIN: Layout = { species: 0, position: 1, tags: null, width: null };

/** Yields the frames of a block. Throws NarrowsError `structures-invalid` with the line. */
export function* parseFrames({ bytes, file, name, frame, line }: FrameBlock): Generator<Frame> {
  const lines = new TextDecoder().decode(bytes).split('\n');
  let number = frame;
  for (let at = 0; at < lines.length; number++) {
    while (at < lines.length && lines[at]?.trim() === '') at++;
    if (at === lines.length) return;
    const atoms = Number(lines[at]);
    yield parseFrame(lines, at, atoms, { file, name, number, line: line + at });
    at += atoms + 2;
  }
}

function parseFrame(lines: readonly string[], at: number, atoms: number, place: FramePosition): Frame {
  const text = lines[at + 1] ?? '';
  const comment = readComment(text);
  const { species: label, position, tags: tag, width } = readLayout(comment, place);
  const species: string[] = [];
  const positions = new Float64Array(atoms * 3);
  const tags = tag === null ? null : new Int32Array(atoms);
  for (let atom = 0; atom < atoms; atom++) {
    const fields = (lines[at + 2 + atom] as string).trim().split(/\s+/);
    const fault = (why: string, fix?: string) => structuresInvalid(place, `atom ${atom}: ${why}`, fix, place.line + 2 + atom);
    if (width === null ? fields.length < 4 : fields.length !== width) {
      const wanted = width === null ? 'an element and three positions are needed' : `Properties names ${width}`;
      const isCount = fields.length === 1 && /^\d+$/.test(fields[0] as string);
      const fix = isCount ? `the frame has fewer atoms than its number, ${atoms}, says: correct it` : undefined;
      throw fault(`its line has ${fields[0] === '' ? 0 : fields.length} columns; ${wanted}`, fix);
    }
    const symbol = readElement(fields[label] as string);
    if (symbol === undefined)
      throw fault(`"${fields[label]}" is not a valid element symbol`, elementFix(fields[label] as string));
    species.push(symbol);
    for (let axis = 0; axis < 3; axis++) {
      const text = fields[position + axis] as string;
      const value = readReal(text);
      if (!Number.isFinite(value))
        throw fault(`its position is not a valid number: "${text}"`, text.includes(',') ? 'write decimal points' : undefined);
      positions[atom * 3 + axis] = value;
    }
    if (tags !== null && tag !== null) {
      const value = Number(fields[tag]);
      if (!Number.isInteger(value)) throw fault(`its tag is not a whole number: "${fields[tag]}"`);
      tags[atom] = value;
    }
  }
  const { lattice, periodic } = readLattice(comment, place);
  const unreadCell = comment.has('Lattice') ? null : findUnreadCell(text);
  return { ...place, species, positions, lattice, periodic, tags, values: comment, unreadCell };
}

const elementFix = (text: string): string =>
  /^tv$/i.test(text)
    ? 'a vector of translation is written in the comment line: Lattice="ax ay az bx by bz cx cy cz"'
    : 'write symbols as in the periodic table, H, O, Ge, or atomic numbers';

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
  const find = (names: readonly string[]) => found.get(names.find((name) => found.has(name)) ?? '');
  const require = (names: readonly string[]) => {
    const at = find(names);
    if (at === undefined) throw fault(`the column ${names[0]} is missing`);
    return at;
  };
  return { species: require(SPECIES), position: require(POSITION), tags: find(['tags:I:1']) ?? null, width };
}

/** Columns that name the element, symbols first; ASE writes numbers for some writers. */
const SPECIES = ['species:S:1', 'species:I:1', 'Z:I:1', 'numbers:I:1', 'atomic_numbers:I:1'];
const POSITION = ['pos:R:3', 'positions:R:3'];
