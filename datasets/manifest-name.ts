/** The file that makes a folder a dataset; its content is read in manifest.ts. */
export const MANIFEST = 'dataset.yaml';
