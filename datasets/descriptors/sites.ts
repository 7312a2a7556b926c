/** Selects the atoms of a frame that the rows of X describe. */
import type { Frame } from '../formats/structures/frame.ts';
import { nameFrame, structuresUnfit } from '../formats/structures/frame-errors.ts';
import { describeKeys } from './keys.ts';

/**
 * Every atom of an element, one atom of each frame by number (from 0), the atoms that a key of the
 * comment line names, by number or element, or those with a tag.
 */
export type Site = string | number | { readonly key: string } | { readonly tags: number };

/** Returns the sites in the order of the file. Throws NarrowsError `structures-unfit`. */
export function findSites(site: Site, frame: Frame, first: Frame): number[] {
  const sites = listSites(site, frame);
  if (typeof site === 'string') return sites;
  const wanted = siteElement(site, first);
  for (const atom of sites) {
    if (frame.species[atom] === wanted) continue;
    const fix =
      typeof site === 'number'
        ? `put the same element there in every frame, or name an element: "site: ${wanted}" describes all of its atoms`
        : `choose frames with ${wanted} there, or make a dataset for each element`;
    throw structuresUnfit(frame, `atom ${atom} is ${frame.species[atom]}, but ${wanted} in ${nameFrame(first)}`, fix);
  }
  return sites;
}

export const siteElement = (site: Site, frame: Frame): string =>
  typeof site === 'string' ? site : (frame.species[listSites(site, frame)[0] as number] as string);

/** Returns at least one atom. */
function listSites(site: Site, frame: Frame): number[] {
  if (typeof site === 'number') return [requireAtom(site, frame)];
  if (typeof site === 'string') return listElement(site, frame);
  return 'key' in site ? listNamed(site.key, frame) : listTagged(site.tags, frame);
}

function listElement(element: string, frame: Frame): number[] {
  const { species } = frame;
  const sites = species.flatMap((symbol, atom) => (symbol === element ? [atom] : []));
  if (sites.length > 0) return sites;
  throw structuresUnfit(frame, `it has no atom of ${element}`, `its elements are ${[...new Set(species)].join(', ')}`);
}

/** Reads "3", "0 4", "[0, 4]" and "Fe". */
function listNamed(key: string, frame: Frame): number[] {
  const text = frame.values.get(key);
  if (text === undefined) {
    const fix = `add ${key}=... with the number of the atom, from 0, to every comment line; this one has ${describeKeys(frame)}`;
    throw structuresUnfit(frame, `its comment line has no key "${key}", which the manifest names for the site`, fix);
  }
  const words = text.split(/[\s,[\]()]+/).filter((word) => word !== '');
  const [word = ''] = words;
  if (words.length === 1 && frame.species.includes(word)) return listElement(word, frame);
  const sites = words.map(Number);
  if (sites.length === 0 || !sites.every((atom) => Number.isInteger(atom) && atom >= 0)) {
    const fix = 'the numbers of atoms, from 0, or an element';
    throw structuresUnfit(frame, `${key}="${text}" does not name an atom of it`, fix);
  }
  return [...new Set(sites)].sort((a, b) => a - b).map((atom) => requireAtom(atom, frame));
}

function listTagged(tag: number, frame: Frame): number[] {
  const { tags } = frame;
  if (tags === null) {
    const fix = 'Properties=species:S:1:pos:R:3:tags:I:1, as ASE writes atoms with tags';
    throw structuresUnfit(frame, 'it has no column "tags", which the manifest names for the site', fix);
  }
  const sites = [...tags.keys()].filter((atom) => tags[atom] === tag);
  if (sites.length > 0) return sites;
  throw structuresUnfit(frame, `it has no atom with the tag ${tag}`, `its tags are ${[...new Set(tags)].join(', ')}`);
}

function requireAtom(atom: number, frame: Frame): number {
  if (atom < frame.species.length) return atom;
  throw structuresUnfit(frame, `it has ${frame.species.length} atoms and no atom ${atom} (the first is 0)`);
}
