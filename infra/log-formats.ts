export const LOG_FORMATS = ['json', 'text'] as const;

/** Lines of JSON for collectors, or text for people. */
export type LogFormat = (typeof LOG_FORMATS)[number];
