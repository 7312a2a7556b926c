/**
 * The bundle of quickhull3d: its plain modules name their imports without extensions, which Node
 * does not resolve.
 */
declare module 'quickhull3d/dist/quickhull3d.js' {
  export { default } from 'quickhull3d';
}
