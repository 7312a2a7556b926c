/** Selects the atoms of a frame that the rows of X describe. */
import type { Frame } from '../formats/structures/extxyz.ts';
import { structuresUnfit } from '../formats/structures/frame-errors.ts';

/** Every atom of an element, or one atom of each frame by number (from 0). */
export type Site = string | number;

/** Returns the sites in the order of the file. Throws NarrowsError `structures-unfit`. */
export function findSites(site: Site, frame: Frame, first: Frame): number[] {
  const { species } = frame;
  if (typeof site === 'string') {
    const sites = species.flatMap((symbol, atom) => (symbol === site ? [atom] : []));
    if (sites.length > 0) return sites;
    throw structuresUnfit(frame, `it has no atom of ${site}`, `its elements are ${[...new Set(species)].join(', ')}`);
  }
  const wanted = siteElement(site, first);
  if (siteElement(site, frame) === wanted) return [site];
  throw structuresUnfit(
    frame,
    `atom ${site} is ${species[site]}, but ${wanted} in frame ${first.number}`,
    `put the same element there in every frame, or name an element: "site: ${wanted}" describes all of its atoms`,
  );
}

export function siteElement(site: Site, frame: Frame): string {
  if (typeof site === 'string') return site;
  const symbol = frame.species[site];
  if (symbol !== undefined) return symbol;
  throw structuresUnfit(frame, `it has ${frame.species.length} atoms and no atom ${site} (the first is 0)`);
}
