/** The bundle of quickhull3d, whose plain modules omit extensions, which Node does not resolve. */
declare module 'quickhull3d/dist/quickhull3d.js' {
  export { default } from 'quickhull3d';
}
