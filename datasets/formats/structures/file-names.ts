/** Names of files of structures: apart from their readers, which take a while to load. */

const XYZ_FILE = /\.(xyz|extxyz)$/i;
const FEFF_FILE = /(^|[\\/])[^\\/]*feff[^\\/]*\.inp$/i;

/** These files, as messages name them. */
export const STRUCTURE_FILES = '.xyz, .extxyz or feff.inp';

/** Whether a file contains structures, not an array; a pattern of files is one of its names. */
export const isStructuresFile = (file: string): boolean => XYZ_FILE.test(file) || isFeffFile(file);

export const isFeffFile = (file: string): boolean => FEFF_FILE.test(file);
