/** A remark about a valid dataset. */
export interface Warning {
  /** In kebab case and stable: scripts match on it. */
  readonly code: string;
  readonly message: string;
  /** Key of the manifest that it concerns. */
  readonly path: string;
}
