/** Parts of the package that the images leave out, by role. */

export const IMAGE_ROLES = ['server', 'trainer'] as const;
export type ImageRole = (typeof IMAGE_ROLES)[number];

/** Packages with which the SDK bundles workflows: images bring the bundle. */
const BUNDLER = ['@swc/core', 'memfs', 'source-map-loader', 'swc-loader', 'unionfs', 'webpack'] as const;

/** Those of them that the SDK loads when it starts, whether it bundles or not. */
export const LOADED_BUNDLER = ['memfs', 'unionfs', 'webpack'] as const;

/** Packages that a role does not load: for training, the readers of files and the API's schemas. */
const UNUSED_PACKAGES: Readonly<Record<ImageRole, readonly string[]>> = {
  server: [],
  trainer: ['@hono/zod-openapi', 'h5wasm', 'hyparquet', 'hyparquet-compressors', 'hyparquet-writer'],
};

/** Files and folders of dist that a role does not read. */
export const OMITTED_FILES: Readonly<Record<ImageRole, readonly string[]>> = {
  server: [],
  trainer: ['examples', 'pages', 'workflow-bundle.js'],
};

/** Returns the names of packages that the role's image does not have. */
export const omittedPackages = (role: ImageRole): ReadonlySet<string> => new Set([...BUNDLER, ...UNUSED_PACKAGES[role]]);
