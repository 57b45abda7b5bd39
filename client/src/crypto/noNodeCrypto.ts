/** Stands for node's `crypto`, which a browser does not have (see vite.config.ts). */
export const randomBytes = undefined;
export default {};
