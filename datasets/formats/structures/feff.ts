/** The input of FEFF, feff.inp: POTENTIALS names the elements, ATOMS lists a cluster of atoms. */
import type { NarrowsError } from '../../../errors.ts';
import { readElement } from './elements.ts';
import type { Frame } from './frame.ts';
import type { FrameBlock } from './frame-blocks.ts';
import { type FramePosition, structuresInvalid } from './frame-errors.ts';
import { readReal } from './numbers.ts';

/** Tag of the absorber: its unique potential. */
export const ABSORBER = 0;

interface Line {
  /** From 1. */
  readonly number: number;
  readonly fields: readonly string[];
}

/** Returns the cluster, with its potentials as tags. Throws `structures-invalid`. */
export function parseFeffInput({ bytes, file, name }: FrameBlock): Frame {
  const place: FramePosition = { file, name, number: 0, line: 1 };
  const cards = readCards(new TextDecoder().decode(bytes));
  const fault = (why: string, fix?: string, line?: number): NarrowsError => structuresInvalid(place, why, fix, line);
  const requireCard = (card: string, fix: string): readonly Line[] => {
    const lines = cards.get(card.slice(0, 4)) ?? [];
    if (lines.length > 0) return lines;
    throw fault(`it has no ${card}`, fix);
  };
  const elements = new Map<number, string>();
  for (const { number, fields } of requireCard('POTENTIALS', 'list ipot, atomic number and tag of each potential')) {
    const element = /^\d+$/.test(fields[1] ?? '') ? readElement(fields[1] as string) : undefined;
    if (!isWhole(fields[0]) || element === undefined) {
      throw fault(`"${fields.join(' ')}" is not a valid potential`, 'ipot and atomic number: 0 29 Cu', number);
    }
    elements.set(Number(fields[0]), element);
  }
  const atoms = requireCard('ATOMS', 'write the cluster into it: inputs from a CIF file do not list their atoms');
  const scale = readReal(cards.get('RMUL')?.[0]?.fields[0] ?? '1');
  if (!(scale > 0)) throw fault('RMULTIPLIER is not followed by a positive number');
  const species: string[] = [];
  const tags = new Int32Array(atoms.length);
  const positions = new Float64Array(3 * atoms.length);
  for (const [atom, { number, fields }] of atoms.entries()) {
    const position = fields.slice(0, 3).map(readReal);
    const element = isWhole(fields[3]) ? elements.get(Number(fields[3])) : undefined;
    if (position.length < 3 || !position.every(Number.isFinite)) {
      throw fault(`"${fields.join(' ')}" is not a valid atom`, 'x, y, z and ipot: 0.0 0.0 1.8 1', number);
    }
    if (element === undefined) {
      throw fault(`atom ${atom} has the potential "${fields[3] ?? ''}", which POTENTIALS does not list`, undefined, number);
    }
    species.push(element);
    tags[atom] = Number(fields[3]);
    positions.set(
      position.map((value) => value * scale),
      3 * atom,
    );
  }
  const absorbers = tags.filter((tag) => tag === ABSORBER).length;
  if (absorbers !== 1)
    throw fault(`${absorbers} of its atoms have the potential 0`, 'give ipot 0 to the absorber, and only to it');
  return {
    ...place,
    species,
    positions,
    lattice: null,
    periodic: [false, false, false],
    tags,
    values: new Map(),
    unreadCell: null,
  };
}

const isWhole = (text: string | undefined): boolean => /^\d+$/.test(text ?? '');

/** Returns the lines of each card up to END by the first four letters of its name, as FEFF does. */
function readCards(text: string): Map<string, Line[]> {
  const cards = new Map<string, Line[]>();
  let own: Line[] = [];
  for (const [i, line] of text.split(/\r\n|\n|\r/).entries()) {
    const fields = line
      .replace(/[*!].*$/, '')
      .trim()
      .split(/\s+/);
    const [word = ''] = fields;
    if (word === '') continue;
    if (!/^[a-z]/i.test(word)) {
      own.push({ number: i + 1, fields });
      continue;
    }
    const card = word.slice(0, 4).toUpperCase();
    if (card === 'END') break;
    own = cards.get(card) ?? [];
    cards.set(card, own);
    // RMULTIPLIER and others have their values behind them.
    if (fields.length > 1) own.push({ number: i + 1, fields: fields.slice(1) });
  }
  return cards;
}
